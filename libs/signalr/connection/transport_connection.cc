#include "signalr/connection/transport_connection.h"

#include <utility>

namespace signalr {

// NOLINTNEXTLINE(performance-unnecessary-value-param): a transport that takes POSTs takes both over
bool TransportConnection::receive(std::string, Room) { return false; }

void TransportConnection::renew(std::optional<User> user, std::shared_ptr<const http::Principal> principal,
                                const TokenTimes& times) {
  opening_.user = std::move(user);
  opening_.principal = std::move(principal);
  token_times_ = times;
}

}  // namespace signalr
