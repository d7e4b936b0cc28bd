// The keys that an issuer publishes, or that a configuration names.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "jwt/algorithm.h"
#include "jwt/key.h"

namespace jwt {

inline constexpr std::size_t kMaxKeySetBytes = 1'048'576;
inline constexpr std::size_t kMaxKeys = 1000;
inline constexpr std::size_t kMaxCandidates = 16;  // bounds what one token costs

// Immutable. Any thread.
class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {}

  // A JWK Set (RFC 7517, 5) of at most kMaxKeySetBytes and kMaxKeys. It skips and counts the entries that are not
  // usable: of an unknown type, for encryption, too short.
  static base::Result<KeySet> parse(std::string_view json);

  const std::vector<Key>& keys() const { return keys_; }
  std::size_t skipped() const { return skipped_; }

  struct Candidates {
    std::vector<const Key*> keys;
    bool is_named = false;  // the set has keys of the token's id, though perhaps none that fits the algorithm
  };

  // The keys that may have signed such a token, kMaxCandidates at most. `id` is compared byte by byte.
  // With an `id` (not empty): the keys of that id; when the set has none, the keys without any id.
  // Without: every key. Of these, the keys that fit the algorithm. A key of another issuer counts as absent.
  // The set must outlive the result.
  Candidates candidates(Algorithm algorithm, std::string_view id, std::string_view issuer) const;

 private:
  std::vector<Key> keys_;
  std::size_t skipped_ = 0;
};

}  // namespace jwt
