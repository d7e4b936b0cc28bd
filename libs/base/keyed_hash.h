// Hashes for tables whose keys strangers choose: under a key that each process makes anew, so that nobody can choose
// many that fall into one bucket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base {

// SipHash-1-3 under the process's key.
std::uint64_t keyed_hash(std::string_view bytes);

// Eight bytes that are spread well, but known to others.
std::uint64_t keyed_hash(std::uint64_t number);

// For unordered_map and its like.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return keyed_hash(text); }
};

}  // namespace base
