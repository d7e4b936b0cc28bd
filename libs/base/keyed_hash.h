// Hashes for tables whose keys strangers choose. Each process makes its own hash key, so that nobody can choose many
// table keys that fall into one bucket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base {

// SipHash-1-3 under the process's key.
std::uint64_t keyed_hash(std::string_view bytes);

// `number` is spread well, but others know it.
std::uint64_t keyed_hash(std::uint64_t number);

// For unordered_map and similar containers.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return keyed_hash(text); }
};

}  // namespace base
