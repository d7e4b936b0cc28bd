// Case-insensitive handling of ASCII letters. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_case(c);
  return out;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower_case(a[i]) != lower_case(b[i])) return false;
  }
  return true;
}

}  // namespace base
