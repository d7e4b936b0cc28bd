#include "http/codec/field_line.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"

namespace http {

namespace {

using CharacterSet = std::array<bool, 256>;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || (base::lower_case(c) >= 'a' && base::lower_case(c) <= 'z');
}

constexpr CharacterSet alphanumerics_and(std::string_view others) {
  CharacterSet set{};
  for (std::size_t i = 0; i < set.size(); ++i) {
    const char c = static_cast<char>(i);
    set[i] = is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  }
  return set;
}

constexpr CharacterSet kToken = alphanumerics_and("!#$%&'*+-.^_`|~");
constexpr CharacterSet kHostName = alphanumerics_and("!$&'()-._~");

// Control characters other than the tab may split a field for the next program that reads it.
constexpr CharacterSet kFieldValue = [] {
  CharacterSet set{};
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = i == '\t' || (i >= 0x20 && i != 0x7F);
  return set;
}();

bool consists_of(std::string_view text, const CharacterSet& set) {
  return std::ranges::all_of(text, [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && text.size() > 1 && std::ranges::all_of(text.substr(1), is_digit));
}

bool is_hexadecimal_or(char c, std::string_view others) {
  return is_digit(c) || (base::lower_case(c) >= 'a' && base::lower_case(c) <= 'f') ||
         others.find(c) != std::string_view::npos;
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && consists_of(text, kToken); }

std::optional<FieldLine> parse_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!consists_of(value, kFieldValue)) return std::nullopt;
  return FieldLine{line.substr(0, colon), value};
}

bool is_valid_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = text.substr(1, end - 1);
    return std::ranges::all_of(address, [](char c) { return is_hexadecimal_or(c, ":."); }) &&
           is_port(text.substr(end + 1));
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  return consists_of(text.substr(0, colon), kHostName) && is_port(text.substr(colon));
}

Host split_host(std::string_view text) {
  const std::size_t end = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = text.find(':', end);
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (base::equals_ignoring_case(take_part(list, ','), token)) return true;
  }
  return false;
}

}  // namespace http
