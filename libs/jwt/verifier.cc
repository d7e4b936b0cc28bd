#include "jwt/verifier.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace jwt {

namespace {

Refusal refuse(Failure failure) { return {failure, std::string(to_text(failure))}; }

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_required_issuer(const Claims& claims, const Requirements& requirements) {
  return requirements.issuers.empty() || (claims.issuer() && contains(requirements.issuers, *claims.issuer()));
}

bool has_required_audience(const Claims& claims, const Requirements& requirements) {
  return requirements.audiences.empty() ||
         std::any_of(claims.audiences().begin(), claims.audiences().end(),
                     [&](std::string_view audience) { return contains(requirements.audiences, audience); });
}

std::optional<Failure> check_claims(const Claims& claims, const Requirements& requirements, base::Timestamp now) {
  const base::Timestamp skew = std::chrono::milliseconds(requirements.clock_skew).count();
  if (!has_required_audience(claims, requirements)) return Failure::audience;
  if (!claims.expires_at()) return Failure::no_expiry;
  if (now - skew >= *claims.expires_at()) return Failure::expired;
  if (claims.not_before() && now + skew < *claims.not_before()) return Failure::not_yet_valid;
  if (requirements.needs_subject && claims.subject().value_or("").empty()) return Failure::no_subject;
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Failure failure) {
  switch (failure) {
    case Failure::malformed:
      return "the token is malformed";
    case Failure::algorithm:
      return "the token's algorithm is not accepted";
    case Failure::issuer:
      return "the token's issuer is not accepted";
    case Failure::unknown_key:
      return "no known key made the token's signature";
    case Failure::signature:
      return "the token's signature is wrong";
    case Failure::audience:
      return "the token is for another audience";
    case Failure::no_expiry:
      return "the token does not expire";
    case Failure::expired:
      return "the token has expired";
    case Failure::not_yet_valid:
      return "the token is not yet valid";
    case Failure::no_subject:
      return "the token has no subject";
  }
  return {};
}

VerifiedToken::VerifiedToken(Claims claims, Algorithm algorithm, std::string key_id)
    : claims_(std::move(claims)), algorithm_(algorithm), key_id_(std::move(key_id)) {}

class TokenChecker {
 public:
  static Outcome check(const Token& token, const KeySet& keys, const Requirements& requirements, base::Timestamp now) {
    const Claims& claims = token.unverified_claims();
    if (!token.algorithm()) return refuse(Failure::algorithm);
    const Algorithm algorithm = *token.algorithm();
    if (!has_required_issuer(claims, requirements)) return refuse(Failure::issuer);

    const KeySet::Candidates candidates = keys.candidates(algorithm, token.key_id(), claims.issuer().value_or(""));
    if (candidates.keys.empty()) return refuse(candidates.is_named ? Failure::algorithm : Failure::unknown_key);
    const auto signer = std::find_if(candidates.keys.begin(), candidates.keys.end(), [&](const Key* key) {
      return key->verify(algorithm, token.signing_input(), token.signature());
    });
    if (signer == candidates.keys.end()) {
      return refuse(candidates.is_named ? Failure::signature : Failure::unknown_key);
    }

    if (const std::optional<Failure> failure = check_claims(claims, requirements, now)) return refuse(*failure);
    return VerifiedToken(claims, algorithm, (*signer)->id());
  }
};

Outcome verify(const Token& token, const KeySet& keys, const Requirements& requirements, base::Timestamp now) {
  return TokenChecker::check(token, keys, requirements, now);
}

Outcome verify(std::string_view text, const KeySet& keys, const Requirements& requirements, base::Timestamp now) {
  const base::Result<Token> token = Token::parse(text);
  if (!token) return Refusal{Failure::malformed, token.error().text};
  return verify(*token, keys, requirements, now);
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location& /*where*/) {
  throw std::runtime_error(refusal.text);
}

}  // namespace jwt
