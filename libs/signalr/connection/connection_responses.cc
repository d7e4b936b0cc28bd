#include "signalr/connection/connection_responses.h"

#include <utility>

#include "signalr/connection/renewal.h"
#include "signalr/connection/upgrade.h"

namespace signalr {

namespace {

http::Response json_response(unsigned status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

}  // namespace

Transport transport_of(const http::Request& request) {
  if (lists(request.header("Accept"), "text/event-stream")) return Transport::server_sent_events;
  return asks_for_websocket(request) ? Transport::websockets : Transport::long_polling;
}

http::Response no_such_connection() { return text_response(404, "No Connection with that ID"); }

http::Response connection_in_use() { return text_response(409, {}); }

http::Response try_later() {
  auto response = text_response(503, "No more connections are taken now");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response refuse_other_origin() {
  return text_response(403,
                       "This page's origin may not open a WebSocket: it is neither this service's own nor in "
                       "Cors:AllowedOrigins. Behind a proxy, let it pass Host on, or name it in "
                       "ForwardedHeaders:KnownProxies");
}

http::Response refuse_other_user(const http::Request& request, bool refreshes_tokens) {
  if (refreshes_tokens && request.method == "GET" && transport_of(request) == Transport::long_polling) {
    return refresh_error(409, "authentication_refresh_required");
  }
  return text_response(403, "The connection is another user's");
}

http::Response refresh_error(unsigned status, std::string_view code) {
  return json_response(status, negotiate_error(code));
}

http::Response refreshed_until(base::Timestamp end) {
  return json_response(200, token_lifetime_body(seconds_until(end)));
}

}  // namespace signalr
