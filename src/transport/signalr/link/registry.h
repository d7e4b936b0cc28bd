// Every connection of an endpoint by its token, from negotiation to the end. Any thread: a client's requests come to
// any shard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "transport/signalr/codec/negotiate.h"
#include "transport/signalr/link/link.h"

namespace message_service::signalr {

class Registry : public std::enable_shared_from_this<Registry> {
 public:
  Registry(std::chrono::milliseconds lifetime, std::size_t connections_max)
      : lifetime_(lifetime), connections_max_(connections_max) {}

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

  // Makes `link` the connection behind a token that has none. Null: the token is unknown, or another was first.
  Lease open(const std::string& token, std::shared_ptr<Link> link);

  // For a client that has not negotiated: nobody can find it. Null: too many connections.
  Lease open_unnamed();

  // Open links.
  std::size_t size() const { return open_; }
  bool is_full() const { return open_ >= connections_max_; }

  // Drops those that waited too long for a transport.
  void sweep(SteadyTime now);

 private:
  Lease lease(std::string token);
  void forget(const std::string& token);

  const std::chrono::milliseconds lifetime_;
  const std::size_t connections_max_;
  std::atomic<std::size_t> open_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // by token
};

}  // namespace message_service::signalr
