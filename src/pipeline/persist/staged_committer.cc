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

std::vector<OpenDeadLetter> open_dead_letters_of(const std::vector<DeadLetter>& letters) {
  const base::Timestamp now = base::wall_now();
  std::vector<OpenDeadLetter> open;
  for (const DeadLetter& letter : letters) {
    if (letter.reason != DeadReason::discarded) open.push_back(open_dead_letter_of(letter, now));
  }
  return open;
}

DeadLetter misplaced_letter(const MovedRecord& record, const base::Error& why) {
  std::string text = "lies in partition " + std::to_string(record.source.position.partition) +
                     ", its conversation's is " + std::to_string(record.partition) +
                     ", and it cannot be moved there: " + why.text;
  MessageRejected rejection{record.conversation_id, record.temporary_message_id, text};
  return {.source = record.source,
          .reason = DeadReason::misplaced,
          .error = std::move(text),
          .rejection = std::move(rejection),
          .conversation_id = record.conversation_id,
          .temporary_message_id = record.temporary_message_id};
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

base::Result<Committed> StagedCommitter::commit(const Batch& batch) {
  Committed committed;
  committed.dead_letters = batch.dead_letters;
  committed.closed = batch.discarded;
  announced_.clear();
  if (!batch.items.empty()) {
    auto outcomes = store_.store(batch.items, batch.order);
    if (!outcomes) return outcomes.error();
    for (std::size_t i = 0; i < outcomes->size(); ++i) settle(batch.items[i], std::move((*outcomes)[i]), committed);
  }
  if (auto kept = keep(committed.dead_letters, committed.closed); !kept) return kept.error();
  if (!announced_.empty() || !committed.dead_letters.empty()) {
    if (auto published = publisher_.publish(announced_, committed.dead_letters); !published) return published.error();
  }
  if (auto moved = move(batch.moved, committed); !moved) return moved.error();
  if (auto moved = log_.commit(batch.progress); !moved) return moved.error();
  return committed;
}

// Before anybody is told: from here on a replay finds what was decided.
base::Result<void> StagedCommitter::keep(const std::vector<DeadLetter>& letters,
                                         const std::vector<OpenDeadLetter>& closed) {
  if (const auto rejections = rejections_of(letters); !rejections.empty()) {
    if (auto rejected = store_.reject(rejections); !rejected) return rejected;
  }
  if (const auto open = open_dead_letters_of(letters); !open.empty() || !closed.empty())
    return store_.keep_letters(open, closed);
  return {};
}

// After everything that can fail: a batch that is tried again appends these once more.
base::Result<void> StagedCommitter::move(const std::vector<MovedRecord>& records, Committed& committed) {
  if (records.empty()) return {};
  const auto answers = publisher_.append_again(records);
  if (!answers) return answers.error();
  std::vector<DeadLetter> refused;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if ((*answers)[i]) {
      ++committed.moved;
    } else {
      refused.push_back(misplaced_letter(records[i], (*answers)[i].error()));
    }
  }
  if (refused.empty()) return {};
  if (auto kept = keep(refused, {}); !kept) return kept;
  if (auto published = publisher_.publish({}, refused); !published) return published;
  committed.dead_letters.insert(committed.dead_letters.end(), refused.begin(), refused.end());
  return {};
}

}  // namespace message_service
