// Who is in a conversation, as far as this node has asked: a bounded cache in front of the store.
//
// Owned by the service; any thread. An answer from memory is a moment old at most: a person who is added or removed
// elsewhere is soon known everywhere. find_now() is never old.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "model/conversation.h"
#include "ports/store_reader.h"

namespace message_service::access {

class Membership {
 public:
  struct Options {
    std::size_t entries_max = 100'000;
    static constexpr base::Bounds<std::size_t> entries_bounds{1, 100'000'000};
    std::chrono::milliseconds member_for = std::chrono::seconds(5);
    std::chrono::milliseconds stranger_for = std::chrono::milliseconds(100);
    bool open_without_participants = false;  // whether everybody is in a conversation that names nobody
  };
  struct Member {
    std::string type;  // empty where the conversation does not say
    Role role = Role::member;
    std::uint64_t since = 0;  // the sequence at which the person joined; 0: with the conversation
  };
  // Nothing: a stranger, or no such conversation.
  using Answer = std::optional<Member>;
  using Handler = std::function<void(base::Result<Answer>)>;

  Membership(StoreReader& store, base::BlockingExecutor executor, const Options& options);

  struct Known {
    Answer answer;
    bool is_new;  // not older than `stranger_for`
  };
  // From memory; nothing when the store must be asked.
  std::optional<Known> known(std::string_view conversation_id, std::string_view subject);

  // This node has just made the conversation: whoever was a stranger a moment ago may now be in it.
  void add(const Conversation& conversation);

  // Knows every removal below the rows that any reader was given before the call. Blocks for the store: for its last
  // change of participants, and for the participants only when memory has none as new as that.
  base::Result<Answer> find_now(const std::string& conversation_id, const std::string& subject);

  // Asks the store. Calls the handler once, from a blocking thread. `refused`: too many questions wait.
  void find(const std::string& conversation_id, const std::string& subject, Handler handler);

 private:
  struct Entry {
    std::string key;
    Answer answer;
    std::uint64_t last_change;  // of the conversation's participants, as the answer knows it
    base::SteadyTime at;
  };
  using ByUse = std::list<Entry>;  // the most recently used one first
  struct Shard {
    std::mutex mutex;
    ByUse members;
    ByUse strangers;  // apart, so that they push no member out
    std::unordered_map<std::string_view, ByUse::iterator, base::KeyedHash> entries;
    ByUse& of(const Answer& answer) { return answer ? members : strangers; }
  };
  static constexpr std::size_t kStrangersShare = 8;  // one in so many entries

  static std::string key_of(std::string_view conversation_id, std::string_view subject);
  Shard& shard_of(std::string_view key) { return shards_[base::keyed_hash(key) % shards_.size()]; }
  std::optional<Answer> known_since(const std::string& key, std::uint64_t last_change);
  base::Result<Answer> ask(const std::string& conversation_id, const std::string& subject);
  void remember(std::string key, const Answer& answer, std::uint64_t last_change);

  StoreReader& store_;
  base::BlockingExecutor executor_;
  const Options options_;
  std::array<Shard, 16> shards_;
};

}  // namespace message_service::access
