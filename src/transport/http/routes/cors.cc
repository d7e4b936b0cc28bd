#include "transport/http/routes/cors.h"

#include <algorithm>

namespace message_service::http {

namespace {

// Operators' routes are no page's business, whatever pages are allowed otherwise.
bool is_for_pages(const Request& request) {
  return request.target.segments.empty() || !equals_ignoring_case(request.target.segments.front(), "admin");
}

}  // namespace

bool CorsPolicy::allows(std::string_view origin) const {
  return std::ranges::any_of(allowed_, [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

bool CorsPolicy::allows_socket(const Request& request) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || allows(origin)) return true;
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && equals_ignoring_case(origin.substr(scheme + 3), request.header("Host"));
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

}  // namespace message_service::http
