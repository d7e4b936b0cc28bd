#include "transport/http/routes/cors.h"

#include <algorithm>

namespace message_service::http {

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
  if (allowed_.empty()) return;
  response.headers.emplace_back("Vary", "Origin");
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || !allows(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  response.headers.emplace_back("Access-Control-Expose-Headers", "Location, Retry-After, X-Correlation-ID");
}

void CorsPolicy::answer_preflight(const Request& request, Response& response) const {
  const std::string_view method = request.header("Access-Control-Request-Method");
  if (method.empty() || !allows(request.header("Origin"))) return;
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
  if (const auto wanted = request.header("Access-Control-Request-Headers"); !wanted.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Headers", wanted);
  }
  response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace message_service::http
