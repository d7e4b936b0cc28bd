// The conversations that exist, as far as this node knows: a bounded cache in front of the store, so that the hot path
// touches no store.
//
// Owned by the service, shared by ingress and persist; any thread. A conversation is never deleted, so a known one
// stays known. The directory asks again for an unknown one after a moment, since another node may have made it.
// Strangers choose unknown ids, so unknown ids have a small part of the cache to themselves and push no known one out.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "ports/store_reader.h"

namespace message_service {

class ConversationDirectory {
 public:
  struct Options {
    std::size_t entries_max = 100'000;  // of kBytesPerEntry each on average; longer ids leave room for fewer
    static constexpr base::Bounds<std::size_t> entries_bounds{1, 100'000'000};
    std::chrono::milliseconds unknown_for = std::chrono::milliseconds(500);
  };
  using Handler = std::function<void(const base::Result<bool>&)>;

  ConversationDirectory(StoreReader& store, base::BlockingExecutor executor, const Options& options);

  // Whether the conversation is known to exist; asks no store.
  bool knows(const std::string& id);

  // Calls the handler once: before returning when the answer is known, else from a blocking thread. All callers that
  // ask during one look-up share it. `refused`: too many look-ups wait.
  void exists(const std::string& id, Handler handler);

  // The same for a caller that may block.
  base::Result<bool> exists_now(const std::string& id);

  // The same for a caller that must not act on an old "no": another node may have made the conversation and accepted
  // messages for it within the moment for which a "no" is remembered. Asks the store unless the conversation is known.
  base::Result<bool> exists_for_certain(const std::string& id);

  // This node has just made the conversation.
  void add(const std::string& id);

  // Forgets the least recently used half; returns how many entries it forgot.
  std::size_t forget_half();

 private:
  struct Entry {
    std::string id;
    bool known;
    base::SteadyTime at;
  };
  // Entries of one kind, the most recently used one first.
  struct ByUse {
    std::list<Entry> entries;
    std::size_t bytes = 0;
  };
  struct Shard {
    std::mutex mutex;
    ByUse known;
    ByUse unknown;
    std::unordered_map<std::string_view, std::list<Entry>::iterator, base::KeyedHash>
        entries;  // the lists hold the keys
    ByUse& of(bool is_known) { return is_known ? known : unknown; }
    std::unordered_map<std::string, std::vector<Handler>, base::KeyedHash, std::equal_to<>> loading;
  };

  base::Result<bool> ask_store(const std::string& id);
  Shard& shard_of(std::string_view id) { return shards_[base::keyed_hash(id) % shards_.size()]; }
  static constexpr std::size_t kBytesPerEntry = 256;
  static constexpr std::size_t kUnknownShare = 8;  // one in so many entries

  std::optional<bool> look_up(Shard& shard, std::string_view id);
  void remember(Shard& shard, const std::string& id, bool known);
  static void forget(Shard& shard, std::list<Entry>::iterator entry);
  void load(const std::string& id);
  void finish(const std::string& id, const base::Result<bool>& found);

  StoreReader& store_;
  base::BlockingExecutor executor_;
  const Options options_;
  std::array<Shard, 16> shards_;
};

}  // namespace message_service
