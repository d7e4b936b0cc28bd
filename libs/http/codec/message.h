// HTTP messages as values: what a handler is given and what it gives back.
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

namespace http {

class RequestHeaders {
 public:
  virtual ~RequestHeaders() = default;
  // The first value of that name, without regard to case; empty when there is none.
  virtual std::string_view value(std::string_view name) const = 0;
  // Every value of that name, in order.
  virtual std::vector<std::string_view> values(std::string_view name) const = 0;
  // All of them, in order.
  virtual std::vector<std::pair<std::string, std::string>> all() const = 0;
};

// Valid until the handler has returned its response.
struct Request {
  std::string_view method;
  Target target;
  std::vector<std::string_view> parameters;  // what stood in the wildcards of the route's pattern, in order
  const RequestHeaders* headers = nullptr;
  std::string_view body;             // empty while a gate is asked
  std::uint64_t body_bytes_max = 0;  // the body's length, or its limit where the head does not say the length

  // Who asks, whom, and how: as the socket and the request say, or as a known proxy does (ForwardedHeaders).
  boost::asio::ip::address client;
  std::string_view host;    // with a port where one was named; may be empty
  std::string_view scheme;  // "http" or "https" where a known proxy says so; empty: not known

  std::string_view header(std::string_view name) const { return headers->value(name); }
};

// A connection that has left HTTP, or whose answer goes on: the socket, and what was read behind the request.
struct Upgraded {
  runtime::Socket socket;
  std::string leftover;
};

struct Response {
  using Upgrade = std::function<runtime::Awaitable<void>(Upgraded)>;

  unsigned status = 200;
  std::string_view content_type;  // a literal; empty when there is no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;  // end the connection after it
  // After this response the connection is the upgrade's: a 101, or a 200 whose body only begins with `body` and ends
  // with the connection.
  Upgrade upgrade;
};

inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kProblemJson = "application/problem+json; charset=utf-8";
inline constexpr std::string_view kText = "text/plain; charset=utf-8";

std::string_view reason_phrase(unsigned status);

struct ResponseContext {
  std::string_view date;  // IMF-fixdate
  bool keep_alive = true;
  bool says_keep_alive = false;  // to a client for whom that is not the rule
  bool without_body = false;     // to HEAD
};

// Appends the response as it goes over the wire.
void write_response(std::string& out, const Response& response, const ResponseContext& context);

}  // namespace http
