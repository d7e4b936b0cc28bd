#include "http/server/handed_sockets.h"

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

namespace http {

namespace {

// The address of a listening TCP socket.
std::optional<Endpoint> listening_address(int descriptor) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return std::nullopt;
  Endpoint endpoint;
  size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(descriptor, endpoint.data(), &size) != 0) return std::nullopt;
  const int family = endpoint.data()->sa_family;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  endpoint.resize(size);
  return endpoint;
}

base::Error fault_of(const runtime::HandedSocket& socket, const std::string& text) {
  return {base::ErrorCode::invalid, "the service manager hands over the socket " + socket.name + ", which " + text};
}

}  // namespace

base::Result<void> HandedSockets::read_addresses() {
  for (runtime::HandedSocket& socket : std::exchange(sockets_, {})) {
    const auto endpoint = listening_address(socket.descriptor);
    if (!endpoint) return fault_of(socket, "is no listening TCP socket");
    left_.push_back({std::move(socket), *endpoint});
  }
  return {};
}

std::optional<int> HandedSockets::take(const Endpoint& endpoint) {
  const auto found = std::ranges::find(left_, endpoint, &Listening::endpoint);
  if (found == left_.end()) return std::nullopt;
  const int descriptor = found->socket.descriptor;
  left_.erase(found);
  return descriptor;
}

base::Result<void> HandedSockets::check_none_left() const {
  if (left_.empty()) return {};
  const auto& [socket, endpoint] = left_.front();
  return fault_of(socket, "listens on " + url_of(endpoint, false).substr(7) +
                              ": Urls has no such address (a ListenStream= with a port alone is http://*:PORT)");
}

}  // namespace http
