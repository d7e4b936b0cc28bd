// The listening sockets that a service manager hands over, until the server takes them by their addresses. One thread.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "http/server/listening.h"
#include "runtime/service_manager.h"

namespace http {

class HandedSockets {
 public:
  explicit HandedSockets(std::vector<runtime::HandedSocket> sockets) : sockets_(std::move(sockets)) {}

  // `invalid`: one of them is no listening TCP socket.
  base::Result<void> read_addresses();

  // The caller owns the descriptor. Nothing: no socket has this address.
  std::optional<int> take(const Endpoint& endpoint);

  // `invalid`: one is left, whose clients would wait for ever.
  base::Result<void> check_none_left() const;

 private:
  struct Listening {
    runtime::HandedSocket socket;
    Endpoint endpoint;
  };

  std::vector<runtime::HandedSocket> sockets_;
  std::vector<Listening> left_;
};

}  // namespace http
