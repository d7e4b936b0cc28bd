// Connections that were negotiated and have not opened a transport yet. Any thread: the transport's request may come to
// another shard than the negotiation did.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "transport/signalr/codec/negotiate.h"

namespace message_service::signalr {

class Negotiated {
 public:
  Negotiated(std::chrono::milliseconds lifetime, std::size_t waiting_max)
      : lifetime_(lifetime), waiting_max_(waiting_max) {}

  // False when too many wait.
  bool add(const ConnectionIds& ids, SteadyTime now);

  enum class Opening { opened, in_use, unknown };
  struct Opened {
    Opening opening;
    std::string connection_id;  // when opened
  };
  // Claims the connection behind a token. A token works once; while its connection lives it is known to be in use.
  Opened open(const std::string& token);

  // The connection behind the token is over.
  void forget(const std::string& token);

  // Drops those that waited too long.
  void sweep(SteadyTime now);

 private:
  struct Entry {
    std::string connection_id;
    SteadyTime expires_at;
    bool in_use = false;
  };

  const std::chrono::milliseconds lifetime_;
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // by token
};

}  // namespace message_service::signalr
