// The bodies of POST {hub}/negotiate: always status 200 and application/json, refusals too. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalr {

enum class Transport : std::uint8_t { websockets, server_sent_events, long_polling };

// "WebSockets", "ServerSentEvents" or "LongPolling".
std::string_view transport_name(Transport transport);

// Server-sent events carry text only.
bool carries_binary(Transport transport);

struct NegotiateRequest {
  int version = 0;
  bool use_stateful_reconnect = false;
};

// Reads the decoded values of the query. The error's text is for negotiate_error().
base::Result<NegotiateRequest> read_negotiate(std::optional<std::string_view> negotiate_version,
                                              std::optional<std::string_view> use_stateful_reconnect,
                                              int version_min = 0);

struct ConnectionIds {
  std::string connection_id;     // public
  std::string connection_token;  // secret: a client that has it owns the connection
};

// New ids; with version 0 there is only one id, which is also the token.
ConnectionIds make_connection_ids(int negotiate_version);

// 16 random bytes as 22 characters that need no escaping in a URL.
std::string random_token();

// `transports` in order of preference. Stateful reconnect is granted only if the client asked for it and the server
// allows it. The token's lifetime is stated where clients may refresh their tokens.
std::string negotiate_body(const NegotiateRequest& request, const ConnectionIds& ids,
                           std::span<const Transport> transports, bool allow_stateful_reconnect = false,
                           std::optional<std::int64_t> token_lifetime_seconds = std::nullopt);

// {"tokenLifetimeSeconds":99}, the answer to a refresh.
std::string token_lifetime_body(std::int64_t seconds);

std::string negotiate_error(std::string_view error);

// An empty token is left out.
std::string negotiate_redirect(std::string_view url, std::string_view access_token = {});

}  // namespace signalr
