// The messages this node accepted lately, by key: what answers a retry with the first answer, and what knows that a
// message is on its way. The store's unique key decides for good; this window only makes the answers better.
//
// Owned by Ingress; any thread. Bounded in entries; the oldest settled ones go first.
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

// What the first answer said beyond the content.
struct FirstAnswer {
  base::Timestamp requested_at;
  std::string correlation_id;  // empty: it was the temporary id
};

class RecentMessages {
 public:
  // Who asks for a message that somebody else carries.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void told(const base::Result<FirstAnswer>& first) = 0;
  };

  enum class Claim {
    first,     // the caller carries the message on, and must settle() or abandon() it
    waiting,   // somebody else carries the same message; the waiter will be called
    repeat,    // it was accepted before; the waiter was called
    conflict,  // the key names other content; the waiter was not taken
  };

  explicit RecentMessages(std::size_t entries_max);

  Claim claim(const Message& message, const std::shared_ptr<Waiter>& waiter);

  // The claimed message is in the log (or the store): repeats get this answer from now on.
  void settle(const Message& message, const FirstAnswer& answer);

  // The same for a message that nobody claimed, since nobody could: its id was made here, and its answer tells it
  // first.
  void remember(const Message& message, const FirstAnswer& answer);

  // It is not, or nobody knows: those who wait get `error`, and the next one to come is the first again.
  void abandon(const Message& message, const base::Error& error);

  // Whether the message was accepted here and not yet forgotten.
  bool holds(const std::string& conversation_id, const std::string& temporary_message_id);

 private:
  using Waiters = std::vector<std::shared_ptr<Waiter>>;
  // Few messages have any of it.
  struct Rest {
    std::string correlation_id;
    Waiters waiters;
  };
  // Small: there are many, and each is met again when the cache has long forgotten it.
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
