#include "http/routing/cors.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "http/codec/field_line.h"

namespace http {

namespace {

// No page may call operators' routes, not even a page of an allowed origin.
bool is_for_pages(const Request& request) {
  return request.target.segments.empty() || !base::equals_ignoring_case(request.target.segments.front(), "admin");
}

struct Origin {
  std::string_view scheme;
  Host host;
};

std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return std::nullopt;  // "null"
  return Origin{text.substr(0, end), split_host(text.substr(end + 3))};
}

std::string_view default_port(std::string_view scheme) {
  if (base::equals_ignoring_case(scheme, "http")) return "80";
  return base::equals_ignoring_case(scheme, "https") ? "443" : std::string_view();
}

std::string_view port_or_default(std::string_view port, std::string_view scheme) {
  return port.empty() ? default_port(scheme) : port;
}

// Returns the origin as a browser writes it.
std::string normalized(std::string_view text) {
  std::string out = base::to_lower(text);
  const auto origin = parse_origin(out);
  if (origin && !origin->host.port.empty() && origin->host.port == default_port(origin->scheme)) {
    out.resize(out.size() - origin->host.port.size() - 1);
  }
  return out;
}

}  // namespace

CorsPolicy::CorsPolicy(std::vector<std::string> allowed_origins) : allowed_(std::move(allowed_origins)) {
  for (std::string& origin : allowed_) origin = normalized(origin);
}

bool CorsPolicy::allows(std::string_view origin) const {
  return std::ranges::any_of(allowed_, [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

bool CorsPolicy::allows_socket(const Request& request) const {
  const std::string_view text = request.header("Origin");
  if (text.empty() || allows(text)) return true;
  const auto origin = parse_origin(text);
  if (!origin) return false;
  // When no proxy reports the client's scheme, TLS may end at a proxy before this server: assume the page's own scheme.
  const std::string_view scheme = request.scheme.empty() ? origin->scheme : request.scheme;
  const Host own = split_host(request.host);
  return base::equals_ignoring_case(origin->scheme, scheme) &&
         base::equals_ignoring_case(origin->host.name, own.name) &&
         port_or_default(origin->host.port, scheme) == port_or_default(own.port, scheme);
}

void CorsPolicy::decorate(const Request& request, Response& response) const {
  if (allowed_.empty() || !is_for_pages(request)) return;
  response.headers.emplace_back("Vary", "Origin");
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || !allows(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  response.headers.emplace_back("Access-Control-Expose-Headers", "Location, Retry-After, X-Correlation-ID");
}

void CorsPolicy::answer_preflight(const Request& request, Response& response) const {
  const std::string_view method = request.header("Access-Control-Request-Method");
  if (method.empty() || !is_for_pages(request) || !allows(request.header("Origin"))) return;
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
  if (const auto wanted = request.header("Access-Control-Request-Headers"); !wanted.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Headers", wanted);
  }
  response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace http
