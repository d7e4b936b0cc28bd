// The messages that this node accepted lately, by key. They answer a retry with the first answer, and show that a
// message is on its way. The store's unique key decides for good; this window only makes the answers better.
//
// Owned by Ingress; any thread. Bounded in entries; drops the oldest settled entries first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/flat_map.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/message.h"

namespace message_service {

// The parts of the first answer beyond the content.
struct FirstAnswer {
  base::Timestamp requested_at;
  std::string correlation_id;  // empty: it was the temporary id
};

class RecentMessages {
 public:
  // A caller that asks for a message that another caller carries.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void told(const base::Result<FirstAnswer>& first) = 0;
  };

  enum class Claim {
    first,     // the caller carries the message on, and must settle() or abandon() it
    waiting,   // another caller carries the same message; the waiter will be called
    repeat,    // it was accepted before; the waiter was called
    conflict,  // the key names other content; the waiter was not taken
  };

  explicit RecentMessages(std::size_t entries_max);

  Claim claim(const Message& message, const std::shared_ptr<Waiter>& waiter);

  // The claimed message is in the log (or the store): repeats get this answer from now on.
  void settle(const Message& message, const FirstAnswer& answer);

  // The same for a message that no caller claimed. This node made its id, and the answer is the first to name the id,
  // so no caller could claim it.
  void remember(const Message& message, const FirstAnswer& answer);

  // The message is not in the log, or its outcome is unknown: the waiters get `error`, and the next claim is the first
  // again.
  void abandon(const Message& message, const base::Error& error);

  // Whether this node has the key: its message is under way, or was accepted and is not yet forgotten.
  bool knows(const std::string& conversation_id, const std::string& temporary_message_id);

  // Whether this node accepted the message and has not yet forgotten it.
  bool holds(const std::string& conversation_id, const std::string& temporary_message_id);

 private:
  using Waiters = std::vector<std::shared_ptr<Waiter>>;
  // Few messages have any of these.
  struct Rest {
    std::string correlation_id;
    Waiters waiters;
  };
  // Small: there are many entries, and the processor's cache has long dropped an entry at its next use.
  struct Entry {
    std::uint64_t fingerprint;
    std::optional<base::Timestamp> requested_at;  // none while it is being appended
    std::unique_ptr<Rest> rest;                   // null: nothing
    void settle(const FirstAnswer& answer);
    FirstAnswer answer() const;
    Rest& made_rest();
    Waiters take_waiters();
  };
  struct Shard {
    std::mutex mutex;
    base::FlatMap<ObjectIdBytes, Entry, MessageIdHash> entries;
    std::deque<ObjectIdBytes> settled;  // oldest first
  };

  Shard& shard_of(const ObjectIdBytes& id) { return shards_[id[11] % kShards]; }
  void add_settled(Shard& shard, const ObjectIdBytes& id);

  static constexpr std::size_t kShards = 16;

  const std::size_t shard_entries_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace message_service
