#include "pipeline/persist/staged_committer.h"

#include <utility>

#include "wire/event_json.h"

namespace message_service {

namespace {

std::vector<MessageRejected> rejections_of(const std::vector<DeadLetter>& letters) {
  std::vector<MessageRejected> rejections;
  for (const DeadLetter& letter : letters) {
    if (letter.rejection) rejections.push_back(*letter.rejection);
  }
  return rejections;
}

std::vector<OpenLetter> open_letters_of(const std::vector<DeadLetter>& letters) {
  const Timestamp now = wall_now();
  std::vector<OpenLetter> open;
  for (const DeadLetter& letter : letters) {
    if (letter.reason != DeadReason::discarded) open.push_back(open_letter_of(letter, now));
  }
  return open;
}

}  // namespace

// What the store made of one message, and what is to be announced of it.
void StagedCommitter::settle(const Batch::Item& item, StoreOutcome outcome, Committed& committed) {
  const auto dead = [&](DeadReason reason, const std::string& error) {
    LogRecord source = wire::source_record(item.source, item.message.message());
    committed.dead_letters.push_back(dead_letter_of(item, std::move(source), reason, error));
  };
  switch (outcome.kind) {
    case StoreOutcome::Kind::stored:
      committed.stored.push_back(*outcome.stored);
      announced_.push_back(std::move(*outcome.stored));
      break;
    case StoreOutcome::Kind::stored_again:
      ++committed.duplicates;
      announced_.push_back(std::move(*outcome.stored));
      break;
    case StoreOutcome::Kind::duplicate:
      ++committed.duplicates;
      break;
    case StoreOutcome::Kind::conflict:
      return dead(DeadReason::key_conflict, kKeyTaken);
    case StoreOutcome::Kind::refused:
      return dead(DeadReason::store_refused, outcome.error);
    case StoreOutcome::Kind::parked:
      return dead(DeadReason::parked, kParkedText);
  }
  if (item.retry_of) committed.closed.push_back(*item.retry_of);
}

Result<Committed> StagedCommitter::commit(const Batch& batch) {
  Committed committed;
  committed.dead_letters = batch.dead_letters;
  committed.closed = batch.discarded;
  announced_.clear();
  if (!batch.items.empty()) {
    auto outcomes = store_.store(batch.items, batch.order);
    if (!outcomes) return outcomes.error();
    for (std::size_t i = 0; i < outcomes->size(); ++i) settle(batch.items[i], std::move((*outcomes)[i]), committed);
  }
  if (const auto rejections = rejections_of(committed.dead_letters); !rejections.empty()) {
    if (auto rejected = store_.reject(rejections); !rejected) return rejected.error();
  }
  // Before anybody is told: from here on a replay finds what was decided.
  if (const auto open = open_letters_of(committed.dead_letters); !open.empty() || !committed.closed.empty()) {
    if (auto kept = store_.keep_letters(open, committed.closed); !kept) return kept.error();
  }
  if (!announced_.empty() || !committed.dead_letters.empty()) {
    if (auto published = publisher_.publish(announced_, committed.dead_letters); !published) return published.error();
  }
  if (auto moved = log_.commit(batch.progress); !moved) return moved.error();
  return committed;
}

}  // namespace message_service
