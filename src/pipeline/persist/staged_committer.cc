#include "pipeline/persist/staged_committer.h"

#include <utility>

namespace message_service {

namespace {

std::vector<MessageRejected> rejections_of(const std::vector<DeadLetter>& letters) {
  std::vector<MessageRejected> rejections;
  for (const DeadLetter& letter : letters) {
    if (letter.rejection) rejections.push_back(*letter.rejection);
  }
  return rejections;
}

}  // namespace

Result<Committed> StagedCommitter::commit(const Batch& batch) {
  Committed committed;
  committed.dead_letters = batch.dead_letters;
  std::vector<Stored> announced;  // in the order of the log
  if (!batch.items.empty()) {
    auto outcomes = store_.store(batch.items);
    if (!outcomes) return outcomes.error();
    for (std::size_t i = 0; i < outcomes->size(); ++i) {
      StoreOutcome& outcome = (*outcomes)[i];
      switch (outcome.kind) {
        case StoreOutcome::Kind::stored:
          committed.stored.push_back(*outcome.stored);
          announced.push_back(std::move(*outcome.stored));
          break;
        case StoreOutcome::Kind::stored_again:
          ++committed.duplicates;
          announced.push_back(std::move(*outcome.stored));
          break;
        case StoreOutcome::Kind::duplicate:
          ++committed.duplicates;
          break;
        case StoreOutcome::Kind::conflict:
          committed.dead_letters.push_back(dead_letter_of(batch.items[i], DeadReason::key_conflict, kKeyTaken));
          break;
        case StoreOutcome::Kind::refused:
          committed.dead_letters.push_back(dead_letter_of(batch.items[i], DeadReason::store_refused, outcome.error));
          break;
      }
    }
  }
  if (const auto rejections = rejections_of(committed.dead_letters); !rejections.empty()) {
    if (auto rejected = store_.reject(rejections); !rejected) return rejected.error();
  }
  if (!announced.empty() || !committed.dead_letters.empty()) {
    if (auto published = publisher_.publish(announced, committed.dead_letters); !published) return published.error();
  }
  if (auto moved = log_.commit(batch.progress); !moved) return moved.error();
  return committed;
}

}  // namespace message_service
