// Moves a socket to another shard. Call on the shard that has the socket; from then on only the other shard uses it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "runtime/asio_types.h"
#include "runtime/shard.h"

namespace runtime {

inline Socket move_socket(Socket socket, Shard& there) {
  ErrorCodeAsio error;
  const auto local = socket.local_endpoint(error);
  const auto protocol = error ? boost::asio::ip::tcp::v4() : local.protocol();
  const auto handle = socket.release(error);
  Socket moved(there.executor());
  if (!error) moved.assign(protocol, handle, error);
  moved.non_blocking(true, error);
  return moved;
}

}  // namespace runtime
