#include "signalr/protocol/negotiate.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "base/random.h"
#include "signalr/protocol/json_value.h"

namespace signalr {

namespace {

constexpr int kVersionMax = 1;
constexpr const char* kTokenLifetime = "tokenLifetimeSeconds";

std::optional<int> read_int(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_true(std::string_view text) {
  return text.size() == 4 && std::ranges::equal(text, std::string_view("true"), {}, [](char c) { return c | 0x20; });
}

Value text_member(std::string_view name, std::string_view text) { return Value::Object{{std::string(name), text}}; }

Value describe(Transport transport) {
  Value::Array formats;
  formats.emplace_back("Text");
  if (carries_binary(transport)) formats.emplace_back("Binary");
  Value::Object members;
  members.push_back({"transport", transport_name(transport)});
  members.push_back({"transferFormats", std::move(formats)});
  return members;
}

}  // namespace

std::string_view transport_name(Transport transport) {
  switch (transport) {
    case Transport::websockets:
      return "WebSockets";
    case Transport::server_sent_events:
      return "ServerSentEvents";
    case Transport::long_polling:
      break;
  }
  return "LongPolling";
}

bool carries_binary(Transport transport) { return transport != Transport::server_sent_events; }

base::Result<NegotiateRequest> read_negotiate(std::optional<std::string_view> negotiate_version,
                                              std::optional<std::string_view> use_stateful_reconnect, int version_min) {
  const auto version = negotiate_version ? read_int(*negotiate_version) : 0;
  if (!version) {
    return base::Error{base::ErrorCode::invalid, "The client requested a non-integer protocol version."};
  }
  if (*version < version_min) {
    return base::Error{base::ErrorCode::invalid, "The client requested version '" + std::to_string(*version) +
                                                     "', but the server does not support this version."};
  }
  return NegotiateRequest{std::min(*version, kVersionMax), is_true(use_stateful_reconnect.value_or(""))};
}

ConnectionIds make_connection_ids(int negotiate_version) {
  ConnectionIds ids;
  ids.connection_id = random_token();
  ids.connection_token = negotiate_version == 0 ? ids.connection_id : random_token();
  return ids;
}

std::string random_token() { return base::base64url(base::random_bytes<16>()); }

std::string negotiate_body(const NegotiateRequest& request, const ConnectionIds& ids,
                           std::span<const Transport> transports, bool allow_stateful_reconnect,
                           std::optional<std::int64_t> token_lifetime_seconds) {
  Value::Object body;
  body.push_back({"negotiateVersion", request.version});
  body.push_back({"connectionId", ids.connection_id});
  if (request.version > 0) body.push_back({"connectionToken", ids.connection_token});
  if (token_lifetime_seconds) body.push_back({kTokenLifetime, *token_lifetime_seconds});
  Value::Array available;
  std::ranges::transform(transports, std::back_inserter(available), describe);
  body.push_back({"availableTransports", std::move(available)});
  if (request.use_stateful_reconnect && allow_stateful_reconnect) body.push_back({"useStatefulReconnect", true});
  return to_json(std::move(body));
}

std::string token_lifetime_body(std::int64_t seconds) {
  Value::Object body;
  body.push_back({kTokenLifetime, seconds});
  return to_json(std::move(body));
}

std::string negotiate_error(std::string_view error) { return to_json(text_member("error", error)); }

std::string negotiate_redirect(std::string_view url, std::string_view access_token) {
  Value::Object body;
  body.push_back({"url", url});
  if (!access_token.empty()) body.push_back({"accessToken", access_token});
  return to_json(std::move(body));
}

}  // namespace signalr
