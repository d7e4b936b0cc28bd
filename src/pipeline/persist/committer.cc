#include "pipeline/persist/committer.h"

#include <string>
#include <utility>

namespace message_service {

namespace {

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

base::Result<Committed> Committer::commit(const Batch& batch, BatchTrace& trace) {
  auto committed = store(batch, trace);
  if (!committed || committed->complete) return committed;
  trace.publishing();
  if (!committed->to_announce.empty() || !committed->dead_letters.empty()) {
    auto published = parts_.events.publish(committed->to_announce, committed->dead_letters);
    if (!published) return published.error();
  }
  if (auto moved = move(batch.moved, *committed); !moved) return moved.error();
  if (auto moved = parts_.log.commit(batch.progress); !moved) return moved.error();
  return committed;
}

base::Result<Committed> Committer::store(const Batch& batch, BatchTrace& trace) {
  tracing::Span span = trace.start_store_write();
  auto committed = parts_.store.commit(batch);
  if (!committed) span.fail(error_type(committed.error()));
  return committed;
}

// After the store and the topics, which can fail: a batch that is tried again appends these records once more.
base::Result<void> Committer::move(const std::vector<MovedRecord>& records, Committed& committed) {
  if (records.empty()) return {};
  const auto answers = parts_.log_writer.append_again(records);
  if (!answers) return answers.error();
  Batch refused;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if ((*answers)[i]) {
      ++committed.moved;
    } else {
      refused.dead_letters.push_back(misplaced_letter(records[i], (*answers)[i].error()));
    }
  }
  if (refused.dead_letters.empty()) return {};
  if (auto kept = parts_.store.commit(refused); !kept) return kept.error();
  if (auto published = parts_.events.publish({}, refused.dead_letters); !published) return published;
  committed.dead_letters.insert(committed.dead_letters.end(), refused.dead_letters.begin(), refused.dead_letters.end());
  return {};
}

}  // namespace message_service
