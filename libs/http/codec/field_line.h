// The grammar of HTTP's header fields (RFC 9110, section 5). Pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace http {

struct FieldLine {
  std::string_view name;
  std::string_view value;  // without the blanks around it
};

// Parses a line without its CRLF. Returns nothing when the line is no field, for example when it continues the line
// before.
std::optional<FieldLine> parse_field_line(std::string_view line);

// One or more characters of a token. A method is a token, and so is a field's name.
bool is_token(std::string_view text);

// A host's name or address, with or without a port, as Kestrel accepts it. The empty host is valid.
bool is_valid_host(std::string_view text);

// "a:80" -> "a" and "80", "[::1]" -> "[::1]" and "".
struct Host {
  std::string_view name;
  std::string_view port;
};
Host split_host(std::string_view text);

// Returns `text` without the blanks around it.
std::string_view trimmed(std::string_view text);

// Takes the part before the next separator off the front of `rest`, and returns it without the blanks around it.
std::string_view take_part(std::string_view& rest, char separator);

// Whether a list such as "keep-alive, Upgrade" has the token, in any case.
bool has_token(std::string_view list, std::string_view token);

}  // namespace http
