// Every connection of an endpoint by its token, from negotiation to the end. Any thread: a client's requests come to
// any shard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "transport/signalr/codec/negotiate.h"
#include "transport/signalr/link/link.h"

namespace message_service::signalr {

class Registry : public std::enable_shared_from_this<Registry> {
 public:
  struct Limits {
    std::chrono::milliseconds lifetime;  // of a connection without a transport
    std::size_t connections_max;
    std::size_t early_bytes_max;  // that a client may have POSTed before it opens a transport
  };
  explicit Registry(const Limits& limits) : limits_(limits) {}

  struct Entry {
    std::string connection_id;
    std::string user_id;           // empty: nobody has signed in
    bool stateful = false;         // the client may ask to number messages
    std::shared_ptr<Link> link{};  // null: no transport is open yet
    SteadyTime expires_at{};       // while there is no link
  };

  // False when there are too many connections. They expire when no transport is opened in time.
  bool add(const ConnectionIds& ids, std::string user_id, bool stateful, SteadyTime now);

  std::optional<Entry> find(const std::string& token) const;

  // Keeps a link's place as long as it is held. Safe when the registry's owner is gone.
  using Lease = std::shared_ptr<void>;

  // What became of a POST that came before a transport was open.
  enum class Early : std::uint8_t {
    kept,    // for the link that will be opened
    opened,  // not kept: there is a link now, to which it can be given
    gone,    // not kept: there is no such connection, or no more
  };
  using EarlyDone = std::function<void(Early)>;

  // Calls `done` once, on any thread: at once, or, when more has been POSTed than is kept, when it is `opened` or
  // `gone`.
  void post_early(const std::string& token, std::string_view bytes, EarlyDone done);

  // Makes `link` the connection behind a token that has none, and gives it what was POSTed before. Null: the token is
  // unknown, or another was first.
  Lease open(const std::string& token, std::shared_ptr<Link> link);

  // For a client that has not negotiated: nobody can find it. Null: too many connections.
  Lease open_unnamed();

  // Open links.
  std::size_t size() const { return open_; }
  bool is_full() const { return open_ >= limits_.connections_max; }

  // Drops those that waited too long for a transport; by default all that have none. How many those were.
  std::size_t sweep(SteadyTime now = SteadyTime::max());

  // Forgets every POST that waits, without waking it: the shards have stopped for good.
  void discard();

 private:
  // What was POSTed before a transport was open.
  struct EarlyPosts {
    std::string bytes;
    std::vector<EarlyDone> waiting;
  };
  struct Place {
    Entry entry;
    EarlyPosts early{};
  };

  Lease lease(std::string token);
  void forget(const std::string& token);

  const Limits limits_;
  std::atomic<std::size_t> open_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Place> places_;  // by token
};

}  // namespace message_service::signalr
