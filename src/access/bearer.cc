#include "access/bearer.h"

#include <utility>

#include "access/access.h"
#include "base/ascii.h"

namespace message_service::access {

std::string bearer_token(const http::Request& request, bool also_from_query) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("Authorization");
  if (base::equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
    return std::string(header.substr(kScheme.size()));
  }
  if (!also_from_query) return {};
  return std::string(request.target.query_value("access_token").value_or(""));
}

http::Response unauthorized(std::string_view fault, const http::Exchange& exchange) {
  http::Response response{.status = 401};
  if (exchange.access != kHub) {
    const std::string detail = fault.empty() ? "sign in: send a bearer token in the Authorization header"
                                             : "the bearer token is not valid: " + std::string(fault);
    response = http::problem_response({.status = 401, .detail = detail}, exchange.trace_id);
  }
  std::string challenge = "Bearer";
  if (!fault.empty()) challenge.append(R"( error="invalid_token", error_description=")").append(fault).append("\"");
  response.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  return response;
}

http::Response forbidden(std::string_view detail, const http::Exchange& exchange) {
  return http::problem_response({.status = 403, .detail = std::string(detail)}, exchange.trace_id);
}

}  // namespace message_service::access
