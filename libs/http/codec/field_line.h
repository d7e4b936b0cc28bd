// The grammar of HTTP's header fields (RFC 9110, section 5). Pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace http {

struct FieldLine {
  std::string_view name;
  std::string_view value;  // without the blanks around it
};

// A line without its CRLF. Nothing when it is no field, which a line that continues the one before is not either.
std::optional<FieldLine> parse_field_line(std::string_view line);

// One or more characters of a token: what a method and a field's name consist of.
bool is_token(std::string_view text);

// A host's name or address with or without a port, as Kestrel takes it. The empty host is one.
bool is_valid_host(std::string_view text);

// "a:80" -> "a" and "80", "[::1]" -> "[::1]" and "".
struct Host {
  std::string_view name;
  std::string_view port;
};
Host split_host(std::string_view text);

// Without the blanks around it.
std::string_view trimmed(std::string_view text);

// Whether a list such as "keep-alive, Upgrade" has the token, in any case.
bool has_token(std::string_view list, std::string_view token);

}  // namespace http
