#include "signalr/connection/opening_request.h"

#include "http/codec/target.h"

namespace signalr {

namespace {

std::optional<std::string_view> find_ignoring_case(const OpeningRequest::Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (http::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> User::claim(std::string_view name) const {
  for (const auto& [key, value] : claims) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> OpeningRequest::query_value(std::string_view name) const {
  return find_ignoring_case(query, name);
}

std::optional<std::string_view> OpeningRequest::header(std::string_view name) const {
  return find_ignoring_case(headers, name);
}

std::optional<std::string_view> OpeningRequest::cookie(std::string_view name) const {
  for (const auto& [header_name, header_value] : headers) {
    if (!http::equals_ignoring_case(header_name, "Cookie")) continue;
    for (std::string_view rest = header_value; !rest.empty();) {
      const std::size_t end = rest.find(';');
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

}  // namespace signalr
