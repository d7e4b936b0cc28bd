#include "pipeline/persist/staged_committer.h"

#include <utility>

namespace message_service {

namespace {

DeadLetter key_conflict(const Batch::Item& item) {
  const Message& message = item.message.message();
  return {.source = {item.message.position(), item.source},
          .reason = DeadReason::key_conflict,
          .error = kKeyTaken,
          .rejection = MessageRejected{message.conversation_id, message.temporary_message_id, kKeyTaken}};
}

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
  if (!batch.items.empty()) {
    auto outcomes = store_.store(batch.items);
    if (!outcomes) return outcomes.error();
    for (std::size_t i = 0; i < outcomes->size(); ++i) {
      StoreOutcome& outcome = (*outcomes)[i];
      switch (outcome.kind) {
        case StoreOutcome::Kind::stored_again:
          ++committed.duplicates;
          [[fallthrough]];
        case StoreOutcome::Kind::stored:
          committed.stored.push_back(std::move(*outcome.stored));
          break;
        case StoreOutcome::Kind::duplicate:
          ++committed.duplicates;
          break;
        case StoreOutcome::Kind::conflict:
          committed.dead_letters.push_back(key_conflict(batch.items[i]));
          break;
      }
    }
  }
  if (const auto rejections = rejections_of(committed.dead_letters); !rejections.empty()) {
    if (auto rejected = store_.reject(rejections); !rejected) return rejected.error();
  }
  if (!committed.stored.empty() || !committed.dead_letters.empty()) {
    if (auto published = publisher_.publish(committed.stored, committed.dead_letters); !published) {
      return published.error();
    }
  }
  if (auto moved = log_.commit(batch.progress); !moved) return moved.error();
  return committed;
}

}  // namespace message_service
