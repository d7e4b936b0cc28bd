#include "jwt/sign.h"

#include <gtest/gtest.h>

#include <string>

#include "jwt/token.h"
#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

TEST(JwtSign, AKeyHasItsOwnIdAndAlgorithm) {
  for (const Algorithm algorithm : {Algorithm::hs256, Algorithm::es256, Algorithm::eddsa, Algorithm::rs256}) {
    const KeyPair first = generate(algorithm).value();
    const KeySet keys = KeySet::parse(first.public_key_set).value();
    ASSERT_EQ(keys.keys().size(), 1U);
    EXPECT_EQ(keys.skipped(), 0U);
    EXPECT_EQ(keys.keys()[0].algorithm(), algorithm);
    EXPECT_NE(keys.keys()[0].id(), KeySet::parse(generate(algorithm).value().public_key_set).value().keys()[0].id());
    const Token token = Token::parse(sign("{}", first.private_jwk).value()).value();
    EXPECT_EQ(token.key_id(), keys.keys()[0].id());
    EXPECT_EQ(token.algorithm(), algorithm);
  }
}

TEST(JwtSign, ThePublicSetHasNothingPrivate) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (algorithm == Algorithm::hs256) continue;
    const auto set = read_json_object(test::key_pair(algorithm).public_key_set, "the key set").value();
    const auto& jwk = set.at("keys").as_array().at(0).as_object();
    for (const char* const name : {"d", "p", "q", "dp", "dq", "qi", "k"}) EXPECT_FALSE(jwk.contains(name)) << name;
  }
}

TEST(JwtSign, RefusesWhatNobodyWouldAccept) {
  const std::string& key = test::key_pair(Algorithm::es256).private_jwk;
  EXPECT_TRUE(sign("{}", key));
  for (const char* const claims : {"", "[]", "{", R"({"a":1,"a":2})", R"({"exp":"soon"})", "{\"a\":\"\xFF\"}"}) {
    EXPECT_FALSE(sign(claims, key)) << claims;
  }
  for (const char* const wrong : {"", "{}", R"({"kty":"oct","k":"AAAA","alg":"HS256"})"}) {
    EXPECT_FALSE(sign("{}", wrong)) << wrong;
  }
  std::string other = key;
  other.replace(other.find("ES256"), 5, "EdDSA");
  EXPECT_FALSE(sign("{}", other)) << "an algorithm of another type";
  const std::string& set = test::key_pair(Algorithm::es256).public_key_set;
  EXPECT_FALSE(sign("{}", set.substr(set.find('[') + 1, set.rfind(']') - set.find('[') - 1))) << "a public key";
}

}  // namespace

}  // namespace jwt
