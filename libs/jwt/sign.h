// Keys and tokens for development and tests. A server that checks tokens does not need it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "jwt/algorithm.h"

namespace jwt {

struct KeyPair {
  std::string private_jwk;     // signs; keep it secret
  std::string public_key_set;  // a JWK Set of one key, for KeySet::parse(). For HS256 it holds the secret itself.
};

// A new key with a random id, for this algorithm only. RSA keys have 2048 bits.
base::Result<KeyPair> generate(Algorithm algorithm);

// A token in the compact form that says `claims`, a JSON object. The key is a private JWK with `alg`.
base::Result<std::string> sign(std::string_view claims, std::string_view private_jwk);

}  // namespace jwt
