#include "jwt/verifier.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

constexpr std::int64_t kSecond = 1000;

Requirements required() {
  return {.issuers = {"https://other.example", std::string(test::kIssuer)}, .audiences = {"messages", "second"}};
}

// Nothing when the token is accepted.
std::optional<Failure> failure_of(const std::string& token, const KeySet& keys, const Requirements& requirements,
                                  base::Timestamp now = test::kNow) {
  const Outcome outcome = verify(token, keys, requirements, now);
  if (outcome) return std::nullopt;
  EXPECT_FALSE(outcome.error().text.empty());
  return outcome.error().failure;
}

std::optional<Failure> failure_of_claims(std::string_view claims, const Requirements& requirements = required(),
                                         base::Timestamp now = test::kNow) {
  return failure_of(test::honest_token(Algorithm::hs256, claims), test::key_set(Algorithm::hs256), requirements, now);
}

TEST(JwtVerifier, EveryAlgorithm) {
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string token = test::honest_token(algorithm);
    const Outcome outcome = verify(token, test::key_set(algorithm), required(), test::kNow);
    ASSERT_TRUE(outcome) << to_text(algorithm) << ": " << outcome.error().text;
    EXPECT_EQ(outcome->algorithm(), algorithm);
    EXPECT_EQ(outcome->key_id(), test::key_set(algorithm).keys()[0].id());
    EXPECT_EQ(outcome->claims().subject(), "user-1");
    const KeySet other = KeySet::parse(generate(algorithm).value().public_key_set).value();
    EXPECT_EQ(failure_of(token, other, required()), Failure::unknown_key) << to_text(algorithm);
  }
}

TEST(JwtVerifier, AnotherKeyOfTheSameId) {
  for (const Algorithm algorithm : {Algorithm::es256, Algorithm::hs256, Algorithm::eddsa}) {
    const std::string& right = test::key_pair(algorithm).public_key_set;
    const std::string id = test::key_set(algorithm).keys()[0].id();
    std::string wrong = generate(algorithm).value().public_key_set;
    const std::string other_id = KeySet::parse(wrong).value().keys()[0].id();
    wrong.replace(wrong.find(other_id), other_id.size(), id);
    const KeySet wrong_keys = KeySet::parse(wrong).value();
    EXPECT_EQ(failure_of(test::honest_token(algorithm), wrong_keys, required()), Failure::signature);

    const KeySet both({wrong_keys.keys()[0], KeySet::parse(right).value().keys()[0]});
    EXPECT_EQ(failure_of(test::honest_token(algorithm), both, required()), std::nullopt) << "each candidate is tried";
  }
}

TEST(JwtVerifier, KeysWithoutAnId) {
  const KeyMaterial material = test::private_key(Algorithm::hs256);
  const Key key = Key::symmetric("", material.secret()).value();
  const Key other = Key::symmetric("other", Bytes(32)).value();
  const std::string without = test::forge(R"({"alg":"HS256"})", test::kClaims, material, Algorithm::hs256);
  const std::string with = test::forge(R"({"alg":"HS256","kid":"x"})", test::kClaims, material, Algorithm::hs256);
  EXPECT_EQ(failure_of(without, KeySet({other, key}), required()), std::nullopt);
  EXPECT_EQ(failure_of(with, KeySet({other, key}), required()), std::nullopt);
  EXPECT_EQ(failure_of(without, KeySet({other}), required()), Failure::unknown_key);
  EXPECT_EQ(failure_of(with, KeySet({other}), required()), Failure::unknown_key);
  EXPECT_EQ(failure_of(with, KeySet(), required()), Failure::unknown_key);
}

TEST(JwtVerifier, AKeyOfOneIssuer) {
  const Key key = test::key_set(Algorithm::hs256).keys()[0];
  const std::string token = test::honest_token(Algorithm::hs256);
  EXPECT_EQ(failure_of(token, KeySet({key.for_issuer(std::string(test::kIssuer))}), required()), std::nullopt);
  EXPECT_EQ(failure_of(token, KeySet({key.for_issuer("https://other.example")}), required()), Failure::unknown_key);
}

TEST(JwtVerifier, Issuer) {
  EXPECT_EQ(failure_of_claims(R"({"sub":"s","aud":"messages","exp":1800000600})"), Failure::issuer);
  EXPECT_EQ(failure_of_claims(R"({"iss":"https://issuer.example/","sub":"s","aud":"messages","exp":1800000600})"),
            Failure::issuer);
  Requirements any = required();
  any.issuers.clear();
  EXPECT_EQ(failure_of_claims(R"({"sub":"s","aud":"messages","exp":1800000600})", any), std::nullopt);

  const std::string foreign = test::honest_token(Algorithm::hs256, R"({"iss":"https://evil.example"})");
  EXPECT_EQ(failure_of(foreign, KeySet(), required()), Failure::issuer) << "asks for no newer keys";
}

TEST(JwtVerifier, Audience) {
  const auto with = [](const std::string& audience) {
    return R"({"iss":"https://issuer.example","sub":"s","exp":1800000600)" + audience + "}";
  };
  EXPECT_EQ(failure_of_claims(with(R"(,"aud":["x","second"])")), std::nullopt);
  EXPECT_EQ(failure_of_claims(with(R"(,"aud":["x","y"])")), Failure::audience);
  EXPECT_EQ(failure_of_claims(with(R"(,"aud":"messages second")")), Failure::audience);
  EXPECT_EQ(failure_of_claims(with(R"(,"aud":[])")), Failure::audience);
  EXPECT_EQ(failure_of_claims(with("")), Failure::audience);
  Requirements any = required();
  any.audiences.clear();
  EXPECT_EQ(failure_of_claims(with(""), any), std::nullopt);
}

TEST(JwtVerifier, SubjectAndExpiryAreNeeded) {
  const std::string start = R"({"iss":"https://issuer.example","aud":"messages")";
  EXPECT_EQ(failure_of_claims(start + R"(,"sub":"s"})"), Failure::no_expiry);
  EXPECT_EQ(failure_of_claims(start + R"(,"exp":1800000600})"), Failure::no_subject);
  EXPECT_EQ(failure_of_claims(start + R"(,"exp":1800000600,"sub":""})"), Failure::no_subject);
  Requirements without = required();
  without.needs_subject = false;
  EXPECT_EQ(failure_of_claims(start + R"(,"exp":1800000600})", without), std::nullopt);
}

TEST(JwtVerifier, ExpiryAtTheEdgeOfTheSkew) {
  const base::Timestamp expires = 1'800'000'600 * kSecond;
  EXPECT_EQ(failure_of_claims(test::kClaims, required(), expires + 300 * kSecond - 1), std::nullopt);
  EXPECT_EQ(failure_of_claims(test::kClaims, required(), expires + 300 * kSecond), Failure::expired);
  Requirements exact = required();
  exact.clock_skew = std::chrono::seconds(0);
  EXPECT_EQ(failure_of_claims(test::kClaims, exact, expires - 1), std::nullopt);
  EXPECT_EQ(failure_of_claims(test::kClaims, exact, expires), Failure::expired);
}

TEST(JwtVerifier, NotBeforeAtTheEdgeOfTheSkew) {
  const std::string claims =
      R"({"iss":"https://issuer.example","sub":"s","aud":"messages","nbf":1800000000,"exp":1800000600})";
  const base::Timestamp begins = 1'800'000'000 * kSecond;
  EXPECT_EQ(failure_of_claims(claims, required(), begins - 300 * kSecond), std::nullopt);
  EXPECT_EQ(failure_of_claims(claims, required(), begins - 300 * kSecond - 1), Failure::not_yet_valid);
  Requirements exact = required();
  exact.clock_skew = std::chrono::seconds(0);
  EXPECT_EQ(failure_of_claims(claims, exact, begins), std::nullopt);
  EXPECT_EQ(failure_of_claims(claims, exact, begins - 1), Failure::not_yet_valid);
}

TEST(JwtVerifier, TellsAMalformedTokenApart) {
  const Outcome outcome = verify("secret-text", KeySet(), required(), test::kNow);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().failure, Failure::malformed);
  EXPECT_EQ(outcome.error().text.find("secret"), std::string::npos);
}

}  // namespace

}  // namespace jwt
