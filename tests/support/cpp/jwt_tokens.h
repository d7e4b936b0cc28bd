// Tokens that an honest signer would not make, and the parts of honest ones.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/clock.h"
#include "jwt/json.h"
#include "jwt/jwk.h"
#include "jwt/key_material.h"
#include "jwt/key_set.h"
#include "jwt/sign.h"

namespace jwt::test {

inline constexpr base::Timestamp kNow = 1'800'000'000'000;
inline constexpr std::string_view kIssuer = "https://issuer.example";
inline constexpr std::string_view kClaims =
    R"({"iss":"https://issuer.example","sub":"user-1","aud":"messages","exp":1800000600,"scope":"read send"})";

inline std::string encode(std::string_view text) { return base::base64url(bytes_of(text)); }

// One key pair for each algorithm, made once: an RSA key takes a tenth of a second.
inline const KeyPair& key_pair(Algorithm algorithm) {
  static std::array<std::optional<KeyPair>, kAlgorithms.size()> pairs;
  std::optional<KeyPair>& pair = pairs[static_cast<std::size_t>(algorithm)];
  if (!pair) pair = generate(algorithm).value();
  return *pair;
}

inline KeySet key_set(Algorithm algorithm) { return KeySet::parse(key_pair(algorithm).public_key_set).value(); }

inline std::string honest_token(Algorithm algorithm, std::string_view claims = kClaims) {
  return sign(claims, key_pair(algorithm).private_jwk).value();
}

// Signs any header and payload, as they are.
inline std::string forge(std::string_view header, std::string_view payload, const KeyMaterial& material,
                         Algorithm algorithm) {
  const std::string input = encode(header) + "." + encode(payload);
  return input + "." + base::base64url(material.sign(algorithm, input).value());
}

inline KeyMaterial private_key(Algorithm algorithm) {
  const auto jwk = read_json_object(key_pair(algorithm).private_jwk, "the JWK").value();
  return read_private_jwk(jwk).value();
}

// The three parts between the dots.
inline std::vector<std::string> parts_of(std::string_view token) {
  std::vector<std::string> parts(1);
  for (const char c : token) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

inline std::string with_signature(std::string_view token, const Bytes& signature) {
  const auto parts = parts_of(token);
  return parts[0] + "." + parts[1] + "." + base::base64url(signature);
}

inline Bytes signature_of(std::string_view token) { return base::read_base64url(parts_of(token).at(2)).value(); }

}  // namespace jwt::test
