// Whether a token is genuine, meant for this server, and valid now.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "jwt/algorithm.h"
#include "jwt/claims.h"
#include "jwt/key_set.h"
#include "jwt/token.h"

namespace jwt {

struct Requirements {
  std::vector<std::string> issuers;    // `iss` is one of them; empty: any, or none
  std::vector<std::string> audiences;  // `aud` has one of them; empty: any, or none
  std::chrono::seconds clock_skew{300};
  bool needs_subject = true;  // `sub` is there and not empty
};

enum class Failure {
  malformed,    // no token, or a claim of the wrong type
  algorithm,    // "none", unknown, or not one of the key that the token names
  issuer,       // not one of the required
  unknown_key,  // no key has the token's id, and no other key made the signature: a newer key set may have the key
  signature,    // the set has the key that the token names, and that key did not make the signature
  audience,
  no_expiry,
  expired,
  not_yet_valid,
  no_subject,
};

// As the field `error_description` of RFC 6750 may tell it.
std::string_view to_text(Failure failure);

struct Refusal {
  Failure failure;
  std::string text;  // for people; quotes neither the token nor a key
};

// A token whose signature and claims hold. Only verify() makes one.
class VerifiedToken {
 public:
  const Claims& claims() const { return claims_; }
  Algorithm algorithm() const { return algorithm_; }
  const std::string& key_id() const { return key_id_; }  // of the key that made the signature

 private:
  friend class TokenChecker;
  VerifiedToken(Claims claims, Algorithm algorithm, std::string key_id);

  Claims claims_;
  Algorithm algorithm_;
  std::string key_id_;
};

using Outcome = boost::system::result<VerifiedToken, Refusal>;

// The order: algorithm, issuer, key, signature, and then the other claims. So `unknown_key` comes for a required
// issuer only, and each failure after `signature` is about a genuine token.
// A token is valid from `nbf` - skew on and while `now` < `exp` + skew.
Outcome verify(const Token& token, const KeySet& keys, const Requirements& requirements, base::Timestamp now);

// The same for a token's text.
Outcome verify(std::string_view text, const KeySet& keys, const Requirements& requirements, base::Timestamp now);

// Called by Outcome::value() on a refusal; only tests use value().
[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

}  // namespace jwt
