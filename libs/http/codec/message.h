// HTTP messages as values: the request that a handler receives and the response that it returns.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/codec/target.h"
#include "runtime/asio_types.h"
#include "runtime/connection.h"

namespace http {

class RequestHeaders {
 public:
  virtual ~RequestHeaders() = default;
  // The first value of that name, without regard to case; empty when there is none.
  virtual std::string_view value(std::string_view name) const = 0;
  // Every value of that name, in order.
  virtual std::vector<std::string_view> values(std::string_view name) const = 0;
  // All headers, in order.
  virtual std::vector<std::pair<std::string, std::string>> all() const = 0;
};

// Valid until the handler has returned its response.
struct Request {
  std::string_view method;
  Target target;
  std::vector<std::string_view> parameters;  // the segments at the wildcards of the route's pattern, in order
  const RequestHeaders* headers = nullptr;
  std::string_view body;             // empty while a gate decides
  std::uint64_t body_bytes_max = 0;  // the body's length, or its limit when the head does not state the length

  // The client, the host that it asks for and the scheme: from the socket and the request, or from a known proxy
  // (ForwardedHeaders).
  boost::asio::ip::address client;
  std::string_view host;    // with the port if the request names one; may be empty
  std::string_view door{};  // of the address that the request came in by, see ListenAddress
  std::string_view scheme;  // "https" on TLS; "http" or "https" when a known proxy reports it; empty: not known

  std::string_view header(std::string_view name) const { return headers->value(name); }
};

// A connection that has left HTTP, or whose answer continues: with the bytes read after the request.
struct Upgraded {
  runtime::Connection connection;
  std::string leftover;
};

struct Response {
  using Upgrade = std::function<runtime::Awaitable<void>(Upgraded)>;

  unsigned status = 200;
  std::string_view content_type;  // a literal; empty when there is no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;  // end the connection after this response
  // After this response the upgrade owns the connection. The response is a 101, or a 200 whose body begins with `body`
  // and ends with the connection.
  Upgrade upgrade;
};

inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kProblemJson = "application/problem+json; charset=utf-8";
inline constexpr std::string_view kText = "text/plain; charset=utf-8";

std::string_view reason_phrase(unsigned status);

struct ResponseContext {
  std::string_view date;  // IMF-fixdate
  bool keep_alive = true;
  bool says_keep_alive = false;  // for a client that does not keep connections alive by default
  bool without_body = false;     // for HEAD
};

// Appends the response in its wire format.
void write_response(std::string& out, const Response& response, const ResponseContext& context);

}  // namespace http
