#include "api/json_body.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "http/codec/field_line.h"

namespace message_service::api {

namespace {

bool is_json(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  if (base::equals_ignoring_case(type, "application/json")) return true;
  return type.size() > kSuffix.size() && base::equals_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix);
}

bool names_utf8(std::string_view charset) {
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
    charset = charset.substr(1, charset.size() - 2);
  }
  return base::equals_ignoring_case(charset, "utf-8") || base::equals_ignoring_case(charset, "utf8");
}

http::Response refusal(std::string detail, const http::Exchange& exchange) {
  return http::problem_response({.status = 415, .detail = std::move(detail)}, exchange.trace_id);
}

}  // namespace

std::optional<http::Response> refuse_unless_json(const http::Exchange& exchange) {
  std::string_view rest = exchange.request.header("Content-Type");
  if (!is_json(http::take_part(rest, ';'))) return refusal("Content-Type must be application/json", exchange);
  while (!rest.empty()) {
    const std::string_view parameter = http::take_part(rest, ';');
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    if (!base::equals_ignoring_case(http::trimmed(parameter.substr(0, equals)), "charset")) continue;
    if (equals < parameter.size() && names_utf8(http::trimmed(parameter.substr(equals + 1)))) continue;
    return refusal("the body must be UTF-8, and so must the charset of Content-Type be where it names one", exchange);
  }
  return std::nullopt;
}

}  // namespace message_service::api
