// The request that opened a client's transport (for long polling: the first poll), kept for hub code to read. A plain
// value; any thread, but for user and principal, which a new token replaces on the connection's shard.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "signalr/protocol/negotiate.h"

namespace http {
class Principal;
}

namespace signalr {

// The signed-in user.
struct User {
  std::string id;
  std::vector<std::pair<std::string, std::string>> claims{};  // besides the id; a name may occur more than once

  // The first claim of that name.
  std::optional<std::string_view> claim(std::string_view name) const;
};

// Of a token: both are absent where nobody signs in.
struct TokenTimes {
  std::optional<base::Timestamp> issued_at{};
  std::optional<base::Timestamp> expires_at{};  // the connection ends then, unless the client brings a new token

  // Tokens are ordered by the time of issue, then by their end.
  bool newer_than(const TokenTimes& other) const {
    return std::pair(issued_at, expires_at) > std::pair(other.issued_at, other.expires_at);
  }
};

struct OpeningRequest {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Transport transport = Transport::websockets;
  Pairs query{};    // decoded, in order
  Pairs headers{};  // in order
  std::optional<User> user{};
  std::shared_ptr<const http::Principal> principal{};  // from the router's policy

  // The first of that name, without regard to case, as in ASP.NET.
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::optional<std::string_view> header(std::string_view name) const;
  // The cookie of exactly that name.
  std::optional<std::string_view> cookie(std::string_view name) const;
};

}  // namespace signalr
