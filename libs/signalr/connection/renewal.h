// A new token of an open connection's user. Values; renew() on the connection's shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "signalr/connection/opening_request.h"
#include "signalr/connection/transport_connection.h"

namespace signalr {

// What a token says about a connection's client.
struct Renewal {
  std::optional<User> user;
  std::shared_ptr<const http::Principal> principal;
  TokenTimes times;
};

// The client asked for it: the token counts, whenever it ends. Returns when the connection's code has looked at it.
runtime::Awaitable<void> renew(std::shared_ptr<TransportConnection> transport, Renewal renewal);
// A request brought it by the way.
runtime::Awaitable<void> renew_if_newer(std::shared_ptr<TransportConnection> transport, Renewal renewal);

// Whole seconds; 0 when it is over.
std::int64_t seconds_until(base::Timestamp end);

// Takes the token out of what is kept of a request: a connection keeps nothing that could sign somebody in.
void forget_token(OpeningRequest& opening);

// Empty: nobody has signed in.
std::string id_of(const std::optional<User>& user);

}  // namespace signalr
