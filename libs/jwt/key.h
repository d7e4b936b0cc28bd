// A key that checks signatures.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jwt/algorithm.h"

namespace jwt {

class KeyMaterial;

// Immutable, cheap to copy; copies share the key. Any thread.
//
// The type of a key binds its algorithms: an RSA key never checks HS256, and P-384 never checks ES256.
class Key {
 public:
  // At least 32 bytes; for HS256.
  static base::Result<Key> symmetric(std::string id, std::span<const std::uint8_t> secret);

  // One JWK: RSA of 2048 to 8192 bits, EC on P-256 or P-384, Ed25519, or oct. Its private members, if any, are not
  // kept. `use` other than "sig", `key_ops` without "verify" and an `alg` that this library does not know are errors.
  static base::Result<Key> from_jwk(std::string_view json);

  // A public key in PEM ("BEGIN PUBLIC KEY"), of the same types.
  static base::Result<Key> from_pem(std::string id, std::string_view pem);

  // The same key, for tokens of one issuer only.
  Key for_issuer(std::string issuer) const;

  const std::string& id() const { return id_; }  // `kid`; empty: none
  std::optional<Algorithm> algorithm() const { return algorithm_; }
  const std::optional<std::string>& issuer() const { return issuer_; }

  bool fits(Algorithm algorithm) const;

  // False for a wrong signature, and for an algorithm that does not fit. ECDSA signatures are the two numbers of RFC
  // 7518, 3.4, never DER.
  bool verify(Algorithm algorithm, std::string_view signing_input, std::span<const std::uint8_t> signature) const;

 private:
  friend struct KeyMaker;

  Key(std::string id, std::optional<Algorithm> algorithm, std::shared_ptr<const KeyMaterial> material);

  std::string id_;
  std::optional<Algorithm> algorithm_;
  std::optional<std::string> issuer_;
  std::shared_ptr<const KeyMaterial> material_;
};

}  // namespace jwt
