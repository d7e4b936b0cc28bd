// The request that opened a client's transport (for long polling: the first poll), kept for hub code to read. A plain
// value; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signalr/protocol/negotiate.h"

namespace signalr {

// The signed-in user.
struct User {
  std::string id;
  std::vector<std::pair<std::string, std::string>> claims{};  // besides the id; a name may occur more than once

  // The first claim of that name.
  std::optional<std::string_view> claim(std::string_view name) const;
};

struct OpeningRequest {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Transport transport = Transport::websockets;
  Pairs query{};    // decoded, in order
  Pairs headers{};  // in order
  std::optional<User> user{};

  // The first of that name, without regard to case, as in ASP.NET.
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::optional<std::string_view> header(std::string_view name) const;
  // The cookie of exactly that name.
  std::optional<std::string_view> cookie(std::string_view name) const;
};

}  // namespace signalr
