#include "adapters/embedded/store/message_store.h"

#include <map>
#include <set>

#include "adapters/embedded/store/store_batch.h"
#include "adapters/embedded/store/store_writers.h"

namespace message_service::embedded {

namespace {

// How far each partition is stored, read once a batch.
class Applied {
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

base::Result<StoreOutcome> store_one(StoreBatch& write, Applied& applied, const Batch::Item& item) {
  const Message& message = item.message.message();
  auto before = write.find(message);
  if (!before) return before.error();
  if (!*before) {
    auto stored = write.add(item.message);
    if (!stored) return stored.error();
    return StoreOutcome{StoreOutcome::Kind::stored, std::move(*stored)};
  }
  if (!message.repeats((*before)->message())) return StoreOutcome{StoreOutcome::Kind::conflict, std::nullopt};
  auto replayed = applied.covers(item.message.position());
  if (replayed && !*replayed && item.moved_from) replayed = applied.covers(*item.moved_from);
  if (!replayed) return replayed.error();
  if (!*replayed) return StoreOutcome{StoreOutcome::Kind::duplicate, std::nullopt};
  return StoreOutcome{StoreOutcome::Kind::stored_again, std::move(**before)};
}

}  // namespace

base::Result<void> EmbeddedMessageStore::fill_from(const std::vector<Batch::Item>& items, DeadLetterOrder order,
                                                   StoreBatch& write, std::vector<StoreOutcome>& outcomes) {
  Applied applied(write);
  Progress progress;
  std::set<std::string> held_up;  // conversations with a refused message, where order counts
  for (const Batch::Item& item : items) {
    const std::string& conversation_id = item.message.message().conversation_id;
    auto outcome = held_up.contains(conversation_id)
                       ? base::Result<StoreOutcome>(StoreOutcome{.kind = StoreOutcome::Kind::parked})
                       : store_one(write, applied, item);
    if (!outcome && outcome.error().code == base::ErrorCode::corrupt) {
      // It cannot be stored without a look at what is damaged, now or later. The others can.
      damage_.left_out("messages", outcome.error().text);
      outcome = StoreOutcome{.kind = StoreOutcome::Kind::refused, .error = outcome.error().text};
      if (order == DeadLetterOrder::park) held_up.insert(conversation_id);
    }
    if (!outcome) return outcome.error();
    outcomes.push_back(std::move(*outcome));
    const auto covered = applied.covers(item.message.position());
    if (!covered) return covered.error();
    if (!*covered) progress.advance_to(item.message.position());
  }
  for (const Position& last : progress.last()) write.apply(last);
  return {};
}

base::Result<std::vector<StoreOutcome>> EmbeddedMessageStore::store(const std::vector<Batch::Item>& items,
                                                                    DeadLetterOrder order) {
  std::vector<StoreOutcome> outcomes;
  outcomes.reserve(items.size());
  const auto fill = [&](StoreBatch& write) { return fill_from(items, order, write, outcomes); };
  if (auto written = database_.update(Database::Durability::now, fill); !written) return written.error();
  return outcomes;
}

base::Result<void> EmbeddedMessageStore::reject(const std::vector<MessageRejected>& rejections) {
  return database_.update(Database::Durability::now, [&](StoreBatch& write) -> base::Result<void> {
    for (const MessageRejected& rejection : rejections) {
      if (auto rejected = write.reject(rejection); !rejected) return rejected;
    }
    return {};
  });
}

base::Result<void> EmbeddedMessageStore::keep_letters(const std::vector<OpenDeadLetter>& open,
                                                      const std::vector<OpenDeadLetter>& closed) {
  return database_.update(Database::Durability::now, [&](StoreBatch& write) -> base::Result<void> {
    for (const OpenDeadLetter& letter : open) write.open(letter);
    for (const OpenDeadLetter& letter : closed) write.close(letter);
    return {};
  });
}

base::Result<WriteOutcome> EmbeddedMessageStore::store_now(const Admitted& message) {
  return store_in(database_, message, false);
}

base::Result<Conversation> EmbeddedMessageStore::create_conversation(const Conversation& conversation) {
  return create_in(database_, conversation);
}

}  // namespace message_service::embedded
