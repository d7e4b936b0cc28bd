#include "adapters/embedded/store/store_writers.h"

#include <optional>
#include <set>
#include <utility>

#include "adapters/embedded/store/store_batch.h"
#include "base/check.h"
#include "wire/conversation_json.h"
#include "wire/event_json.h"

namespace message_service::embedded {

namespace {

void put_aside(const Batch::Item& item, DeadReason reason, const std::string& error, Committed& committed) {
  LogRecord source = wire::source_record(item.source, item.message.message());
  committed.dead_letters.push_back(dead_letter_of(item, std::move(source), reason, error));
}

// `corrupt` when what is stored of its id or its conversation cannot be read; then nothing was added.
base::Result<void> take(const Batch::Item& item, bool may_be_there, StoreBatch& write, Committed& committed) {
  const Message& message = item.message.message();
  auto before = may_be_there ? write.find(message) : std::optional<Stored>();
  if (!before) return before.error();
  if (!*before) {
    auto stored = write.add(item.message, item.new_id);
    if (!stored) return stored.error();
    write.announce(*stored);
    committed.stored.push_back(std::move(*stored));
  } else if (message.repeats((*before)->message())) {
    ++committed.duplicates;
  } else {
    put_aside(item, DeadReason::key_conflict, kKeyTaken, committed);
    return {};
  }
  if (item.retry_of) committed.closed.push_back(*item.retry_of);
  return {};
}

}  // namespace

base::Result<Committed> EmbeddedBatchCommitter::commit(const Batch& batch) {
  CHECK(batch.moved.empty());  // this log has one partition
  const bool in_doubt = std::exchange(in_doubt_, true);
  Committed committed;
  const auto fill = [&](StoreBatch& write) { return fill_from(batch, in_doubt, write, committed); };
  // The log holds these records durably, and the store is a function of the log: after a power cut the same messages
  // get the same ids and sequences again. So one sync a message is enough.
  if (auto written = database_.update(Database::Durability::soon, fill); !written) return written.error();
  in_doubt_ = false;
  return committed;
}

base::Result<void> EmbeddedBatchCommitter::fill_from(const Batch& batch, bool in_doubt, StoreBatch& write,
                                                     Committed& committed) {
  committed.stored.reserve(batch.items.size());
  committed.dead_letters = batch.dead_letters;
  committed.closed = batch.discarded;
  std::set<std::string> held_up;  // conversations with a refused message, where order counts
  for (const Batch::Item& item : batch.items) {
    const std::string& conversation_id = item.message.message().conversation_id;
    if (held_up.contains(conversation_id)) {
      put_aside(item, DeadReason::parked, kParkedText, committed);
      continue;
    }
    auto taken = take(item, in_doubt || !item.new_id, write, committed);
    if (taken) continue;
    if (taken.error().code != base::ErrorCode::corrupt) return taken.error();
    // It cannot be stored without a look at what is damaged, now or later. The others can.
    damage_.left_out("messages", taken.error().text);
    put_aside(item, DeadReason::store_refused, taken.error().text, committed);
    if (batch.order == DeadLetterOrder::park) held_up.insert(conversation_id);
  }
  for (const DeadLetter& letter : committed.dead_letters) {
    write.add_dead_letter(letter);
    if (letter.reason != DeadReason::discarded) write.open(open_dead_letter_of(letter, write.now()));
    if (!letter.rejection) continue;
    if (auto rejected = write.reject(*letter.rejection); !rejected) return rejected;
  }
  for (const OpenDeadLetter& letter : committed.closed) write.close(letter);
  write.commit(batch.progress);
  return {};
}

base::Result<WriteOutcome> EmbeddedStoreWriter::write(const Admitted& message) {
  return store_in(database_, message, true);
}

base::Result<WriteOutcome> store_in(Database& database, const Admitted& message, bool announced) {
  std::optional<WriteOutcome> outcome;
  const auto fill = [&](StoreBatch& write) -> base::Result<void> {
    auto before = write.find(message.message());
    if (!before) return before.error();
    if (*before) {
      if (!message.message().repeats((*before)->message())) return base::Error{base::ErrorCode::conflict, kKeyTaken};
      outcome = WriteOutcome{.stored = std::move(**before), .duplicate = true};
      return {};
    }
    auto stored = write.add(message);
    if (!stored) return stored.error();
    if (announced) write.announce(*stored);
    outcome = WriteOutcome{.stored = std::move(*stored)};
    return {};
  };
  if (auto written = database.update(Database::Durability::now, fill); !written) return written.error();
  return std::move(*outcome);
}

base::Result<Conversation> EmbeddedStoreWriter::create_conversation(const Conversation& conversation) {
  return create_in(database_, conversation);
}

base::Result<Conversation> create_in(Database& database, const Conversation& conversation) {
  Conversation created = conversation;
  const auto fill = [&](StoreBatch& write) -> base::Result<void> {
    auto bytes = database.get(Table::conversations, conversation.id);
    if (!bytes) return bytes.error();
    if (!*bytes) {
      write.create(conversation);
      return {};
    }
    auto before = wire::read_conversation(**bytes);
    if (!before) return before.error();
    if (!before->same_content(conversation)) {
      return base::Error{base::ErrorCode::conflict, "a conversation with this id exists with other content"};
    }
    created = std::move(*before);
    return {};
  };
  if (auto written = database.update(Database::Durability::now, fill); !written) return written.error();
  return created;
}

}  // namespace message_service::embedded
