// Compares secrets.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

// Takes as long for a nearly right secret as for a wrong one. The lengths are no secret.
inline bool equals_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different =
        static_cast<unsigned char>(different | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return different == 0;
}

}  // namespace base
