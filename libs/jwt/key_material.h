// Private to the library: what a key is made of, and the two things that OpenSSL does with it.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "base/result.h"
#include "jwt/algorithm.h"

namespace jwt {

using PrivateOrPublicKey = base::Owned<EVP_PKEY, EVP_PKEY_free>;
using Bytes = std::vector<std::uint8_t>;

enum class KeyType { rsa, p256, p384, ed25519, secret };

constexpr KeyType type_for(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::es256:
      return KeyType::p256;
    case Algorithm::es384:
      return KeyType::p384;
    case Algorithm::eddsa:
      return KeyType::ed25519;
    case Algorithm::hs256:
      return KeyType::secret;
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
      break;
  }
  return KeyType::rsa;
}

// Immutable once made; any thread.
class KeyMaterial {
 public:
  // At least 32 bytes (RFC 7518, 3.2: as long as the hash).
  static base::Result<KeyMaterial> of_secret(Bytes secret);
  // Says of what type a key is, and refuses the types and sizes that are not ours.
  static base::Result<KeyMaterial> of(PrivateOrPublicKey key);

  KeyMaterial(KeyMaterial&&) = default;
  ~KeyMaterial();

  KeyType type() const { return type_; }
  EVP_PKEY* key() const { return key_.get(); }  // null for a secret
  const Bytes& secret() const { return secret_; }

  // Both refuse an algorithm of another type of key.
  bool verify(Algorithm algorithm, std::string_view input, std::span<const std::uint8_t> signature) const;
  std::optional<Bytes> sign(Algorithm algorithm, std::string_view input) const;

 private:
  KeyMaterial(KeyType type, PrivateOrPublicKey key, Bytes secret);

  KeyType type_;
  PrivateOrPublicKey key_;
  Bytes secret_;
};

// OpenSSL notes each failure in a queue of the thread, which other users of OpenSSL on this thread would take for
// theirs. A scope leaves the queue as it was.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace jwt
