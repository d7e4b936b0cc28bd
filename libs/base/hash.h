// SHA-256, for identifiers that every node must derive alike, and for files.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// The digest of the parts, each preceded by its length, so that ("ab","c") and ("a","bc") differ.
Sha256 sha256_of_parts(std::initializer_list<std::string_view> parts);

}  // namespace base
