#include "adapters/embedded/store/embedded_store.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "adapters/embedded/store/store_batch.h"
#include "base/check.h"
#include "wire/conversation_json.h"
#include "wire/settle.h"

namespace message_service::embedded {

// How far each partition is stored, read once a batch.
class EmbeddedStore::Applied {
 public:
  explicit Applied(StoreBatch& batch) : batch_(batch) {}

  base::Result<bool> covers(const Position& position) {
    auto known = offsets_.find(position.partition);
    if (known == offsets_.end()) {
      auto offset = batch_.applied(position.partition);
      if (!offset) return offset.error();
      known = offsets_.emplace(position.partition, offset->value_or(-1)).first;
    }
    return position.offset <= known->second;
  }

 private:
  StoreBatch& batch_;
  std::map<std::int32_t, std::int64_t> offsets_;
};

base::Result<Committed> EmbeddedStore::commit(const Batch& batch) {
  const bool here = log_ == LogPlace::here;
  CHECK(!here || batch.moved.empty());  // this log has one partition
  const bool in_doubt = !here || std::exchange(in_doubt_, true);
  Committed committed;
  committed.complete = here;
  const auto fill = [&](StoreBatch& write) { return fill_from(batch, in_doubt, write, committed); };
  // The log in this folder holds these records durably, and the store is a function of the log: after a power cut the
  // same messages get the same ids and sequences again. So one sync a message is enough.
  const auto durability = here ? Database::Durability::soon : Database::Durability::now;
  if (auto written = database_.update(durability, fill); !written) return written.error();
  if (here) in_doubt_ = false;
  return committed;
}

base::Result<void> EmbeddedStore::fill_from(const Batch& batch, bool in_doubt, StoreBatch& write,
                                            Committed& committed) {
  committed.stored.reserve(batch.items.size());
  committed.dead_letters = batch.dead_letters;
  committed.closed = batch.discarded;
  if (auto stored = store_items(batch, in_doubt, write, committed); !stored) return stored;
  if (auto remembered = remember_dead_letters(write, committed); !remembered) return remembered;
  if (log_ == LogPlace::here) write.commit(batch.progress);
  return {};
}

base::Result<void> EmbeddedStore::store_items(const Batch& batch, bool in_doubt, StoreBatch& write,
                                              Committed& committed) {
  Applied applied(write);
  Progress progress;
  std::set<std::string> held_up;  // conversations with a refused message, where order counts
  for (const Batch::Item& item : batch.items) {
    const std::string& conversation_id = item.message.message().conversation_id;
    auto outcome = held_up.contains(conversation_id)
                       ? base::Result<StoreOutcome>(StoreOutcome{.kind = StoreOutcome::Kind::parked})
                       : store_one(item, in_doubt || !item.new_id, write, applied);
    if (!outcome && outcome.error().code == base::ErrorCode::corrupt) {
      // This message cannot be stored without reading the damaged bytes, now or later. The other messages can.
      damage_.left_out("messages", outcome.error().text);
      outcome = StoreOutcome{.kind = StoreOutcome::Kind::refused, .error = outcome.error().text};
      if (batch.order == DeadLetterOrder::park) held_up.insert(conversation_id);
    }
    if (!outcome) return outcome.error();
    wire::settle(item, std::move(*outcome), committed);
    if (log_ == LogPlace::here) continue;
    const auto covered = applied.covers(item.message.position());
    if (!covered) return covered.error();
    if (!*covered) progress.advance_to(item.message.position());
  }
  for (const Position& last : progress.last()) write.apply(last);
  return {};
}

base::Result<StoreOutcome> EmbeddedStore::store_one(const Batch::Item& item, bool may_be_there, StoreBatch& write,
                                                    Applied& applied) {
  using Kind = StoreOutcome::Kind;
  const Message& message = item.message.message();
  auto before = may_be_there ? write.find(message) : std::optional<Stored>();
  if (!before) return before.error();
  if (!*before) {
    auto objection = write.objection(message);
    if (!objection) return objection.error();
    if (*objection) return StoreOutcome{.kind = Kind::not_allowed, .stored = {}, .error = std::move(**objection)};
    auto stored = write.add(item.message, item.new_id && log_ == LogPlace::here);
    if (!stored) return stored.error();
    if (log_ == LogPlace::here) write.announce(*stored);
    return StoreOutcome{.kind = Kind::stored, .stored = std::move(*stored)};
  }
  if (!message.repeats((*before)->message())) return StoreOutcome{.kind = Kind::conflict};
  if (log_ == LogPlace::here) return StoreOutcome{.kind = Kind::duplicate};
  auto replayed = applied.covers(item.message.position());
  if (replayed && !*replayed && item.moved_from) replayed = applied.covers(*item.moved_from);
  if (!replayed) return replayed.error();
  if (!*replayed) return StoreOutcome{.kind = Kind::duplicate};
  return StoreOutcome{.kind = Kind::stored_again, .stored = std::move(**before)};
}

base::Result<void> EmbeddedStore::remember_dead_letters(StoreBatch& write, const Committed& committed) {
  for (const DeadLetter& letter : committed.dead_letters) {
    if (log_ == LogPlace::here) write.add_dead_letter(letter);
    if (letter.reason != DeadReason::discarded) write.open(open_dead_letter_of(letter, write.now()));
    if (!letter.rejection) continue;
    if (auto rejected = write.reject(*letter.rejection); !rejected) return rejected;
  }
  for (const OpenDeadLetter& letter : committed.closed) write.close(letter);
  return {};
}

base::Result<WriteOutcome> EmbeddedStore::write(const Admitted& message) {
  const bool here = log_ == LogPlace::here;
  std::optional<WriteOutcome> outcome;
  const auto fill = [&](StoreBatch& write) -> base::Result<void> {
    auto before = write.find(message.message());
    if (!before) return before.error();
    if (*before) {
      if (!message.message().repeats((*before)->message())) return base::Error{base::ErrorCode::conflict, kKeyTaken};
      outcome = WriteOutcome{.stored = std::move(**before), .duplicate = true, .announced = here};
      return {};
    }
    auto objection = write.objection(message.message());
    if (!objection) return objection.error();
    if (*objection) return base::Error{base::ErrorCode::forbidden, std::move(**objection)};
    auto stored = write.add(message);
    if (!stored) return stored.error();
    if (here) write.announce(*stored);
    outcome = WriteOutcome{.stored = std::move(*stored), .announced = here};
    return {};
  };
  if (auto written = database_.update(Database::Durability::now, fill); !written) return written.error();
  return std::move(*outcome);
}

// Durable with the next write that is: a trim that a power cut takes back is done again.
base::Result<void> EmbeddedStore::trim_canary(std::size_t rows_max) {
  std::uint64_t begin = canary_begin_;
  const auto fill = [&](StoreBatch& write) -> base::Result<void> {
    const auto trimmed_to = write.trim_canary(rows_max, begin);
    if (!trimmed_to) return trimmed_to.error();
    begin = *trimmed_to;
    return {};
  };
  if (auto written = database_.update(Database::Durability::soon, fill); !written) return written.error();
  canary_begin_ = begin;
  return {};
}

base::Result<void> EmbeddedStore::revoke(const Revocation& revocation) {
  return database_.update(Database::Durability::now, [&](StoreBatch& write) { return write.revoke(revocation); });
}

base::Result<Conversation> EmbeddedStore::create_conversation(const Conversation& conversation) {
  Conversation created = conversation;
  const auto fill = [&](StoreBatch& write) -> base::Result<void> {
    auto bytes = database_.get(Table::conversations, conversation.id);
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
  if (auto written = database_.update(Database::Durability::now, fill); !written) return written.error();
  return created;
}

}  // namespace message_service::embedded
