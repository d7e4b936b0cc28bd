// A token as its bearer sent it: read, not believed. Only verify() in verifier.h says whether it is genuine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jwt/algorithm.h"
#include "jwt/claims.h"

namespace jwt {

inline constexpr std::size_t kMaxTokenBytes = 16'384;

// Immutable. Any thread.
class Token {
 public:
  // Reads the compact form (RFC 7515, 7.1): three parts of base64url, without padding and in its only spelling, of
  // which the first two are JSON objects. Refuses `crit`, `b64`, `zip` and `enc` in the header, and a `typ` that is
  // neither JWT nor at+jwt. An error quotes nothing of the token.
  static base::Result<Token> parse(std::string_view text);

  std::optional<Algorithm> algorithm() const { return algorithm_; }  // nothing: one that this library does not check
  const std::string& key_id() const { return key_id_; }              // `kid`; empty: none
  const Claims& unverified_claims() const { return claims_; }
  const std::string& signing_input() const { return signing_input_; }
  const std::vector<std::uint8_t>& signature() const { return signature_; }

 private:
  Token(std::optional<Algorithm> algorithm, std::string key_id, Claims claims, std::string signing_input,
        std::vector<std::uint8_t> signature);

  std::optional<Algorithm> algorithm_;
  std::string key_id_;
  Claims claims_;
  std::string signing_input_;
  std::vector<std::uint8_t> signature_;
};

}  // namespace jwt
