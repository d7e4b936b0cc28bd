#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz/checks.h"
#include "jwt/key_set.h"
#include "jwt/token.h"
#include "jwt/verifier.h"

namespace message_service::fuzz {

namespace {

constexpr base::Timestamp kNow = 1'800'000'000'000;

void check_text(const std::string& text) {
  CHECK(!text.empty());
  CHECK(base::is_valid_utf8(text));
  CHECK(!base::has_control_characters(text));
}

}  // namespace

void check_token(std::string_view bytes) {
  static const jwt::KeySet no_keys;
  const auto token = jwt::Token::parse(bytes);
  if (!token) {
    check_text(token.error().text);
  } else {
    CHECK(bytes.starts_with(token->signing_input()));
    CHECK(bytes.size() <= jwt::kMaxTokenBytes);
    const jwt::Claims& claims = token->unverified_claims();
    if (claims.subject()) CHECK(base::is_valid_utf8(*claims.subject()));
    (void)claims.texts("scope");
    (void)claims.text("senderType");
  }
  const jwt::Outcome outcome = jwt::verify(bytes, no_keys, {}, kNow);
  CHECK(!outcome);  // nobody has a key
  check_text(outcome.error().text);
}

void check_key_set(std::string_view bytes) {
  const auto set = jwt::KeySet::parse(bytes);
  if (!set) return check_text(set.error().text);
  CHECK(set->keys().size() + set->skipped() <= jwt::kMaxKeys);
  for (const jwt::Key& key : set->keys()) {
    for (const jwt::Algorithm algorithm : jwt::kAlgorithms) {
      CHECK(!key.verify(algorithm, "input", {}));  // no signature at all
    }
  }
}

}  // namespace message_service::fuzz
