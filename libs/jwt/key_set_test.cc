#include "jwt/key_set.h"

#include <gtest/gtest.h>

#include <string>

#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

Key secret_key(const std::string& id, std::uint8_t byte = 1) { return Key::symmetric(id, Bytes(32, byte)).value(); }

std::string set_of(const std::string& entry, std::size_t count) {
  std::string text = "{\"keys\":[";
  for (std::size_t i = 0; i < count; ++i) text.append(i > 0 ? "," : "").append(entry);
  return text + "]}";
}

std::vector<std::string> ids(const KeySet::Candidates& candidates) {
  std::vector<std::string> found;
  for (const Key* const key : candidates.keys) found.push_back(key->id());
  return found;
}

using Ids = std::vector<std::string>;

TEST(JwtKeySet, SkipsAndCountsWhatIsNotUsable) {
  const std::string good = R"({"kty":"oct","kid":"good","k":")" + base::base64url(Bytes(32)) + "\"}";
  const std::string short_secret = R"({"kty":"oct","k":")" + base::base64url(Bytes(16)) + "\"}";
  const std::string short_rsa = R"({"kty":"RSA","e":"AQAB","n":")" + base::base64url(Bytes(128, 0xFF)) + "\"}";
  const std::string text = "{\"keys\":[1,\"x\",null,[],{},{\"kty\":\"unheard-of\"}," + short_secret + "," + short_rsa +
                           "," + good + "],\"more\":true}";
  const KeySet set = KeySet::parse(text).value();
  ASSERT_EQ(set.keys().size(), 1U);
  EXPECT_EQ(set.keys()[0].id(), "good");
  EXPECT_EQ(set.skipped(), 8U);
}

TEST(JwtKeySet, RefusesWhatIsNoSet) {
  for (const char* const text :
       {"", "garbage", "<html></html>", "[]", "{}", R"({"keys":5})", R"({"keys":{}})", R"({"keys":[]} x)",
        R"({"keys":[],"keys":[]})", R"({"keys":[)", "{\"keys\":[\"\xFF\"]}"}) {
    const auto set = KeySet::parse(text);
    EXPECT_FALSE(set) << text;
  }
  EXPECT_TRUE(KeySet::parse(R"({"keys":[]})"));
}

TEST(JwtKeySet, IsBounded) {
  EXPECT_EQ(KeySet::parse(set_of("{}", 1000)).value().skipped(), 1000U);
  EXPECT_EQ(KeySet::parse(set_of("{}", 10'000)).error().text, "the key set has more than 1000 keys");
  EXPECT_EQ(KeySet::parse(set_of("{}", 3) + std::string(kMaxKeySetBytes, ' ')).error().text,
            "the key set has more than 1 MiB");
}

TEST(JwtKeySet, CandidatesOfAnId) {
  const KeySet set({secret_key("a"), secret_key("b", 2), secret_key("b", 3), secret_key("", 4)});
  EXPECT_EQ(ids(set.candidates(Algorithm::hs256, "a", "")), Ids({"a"}));
  EXPECT_EQ(ids(set.candidates(Algorithm::hs256, "b", "")), Ids({"b", "b"}));
  EXPECT_EQ(ids(set.candidates(Algorithm::hs256, "c", "")), Ids({""})) << "the keys without an id";
  EXPECT_EQ(ids(set.candidates(Algorithm::hs256, "", "")), Ids({"a", "b", "b", ""}));

  EXPECT_TRUE(set.candidates(Algorithm::hs256, "a", "").is_named);
  EXPECT_FALSE(set.candidates(Algorithm::hs256, "c", "").is_named);
  EXPECT_TRUE(set.candidates(Algorithm::es256, "a", "").is_named);
  EXPECT_TRUE(set.candidates(Algorithm::es256, "a", "").keys.empty());
  EXPECT_TRUE(KeySet({secret_key("a")}).candidates(Algorithm::hs256, "A", "").keys.empty()) << "case counts";
}

TEST(JwtKeySet, CandidatesOfAnIssuer) {
  const KeySet set({secret_key("a", 1).for_issuer("x"), secret_key("a", 2).for_issuer("y"), secret_key("", 3)});
  EXPECT_EQ(set.candidates(Algorithm::hs256, "a", "x").keys, std::vector<const Key*>({&set.keys()[0]}));
  EXPECT_EQ(set.candidates(Algorithm::hs256, "a", "y").keys, std::vector<const Key*>({&set.keys()[1]}));
  EXPECT_EQ(set.candidates(Algorithm::hs256, "a", "").keys, std::vector<const Key*>({&set.keys()[2]}));
  EXPECT_FALSE(set.candidates(Algorithm::hs256, "a", "z").is_named);
}

TEST(JwtKeySet, CandidatesAreBounded) {
  const KeySet set(std::vector<Key>(100, secret_key("a")));
  EXPECT_EQ(set.candidates(Algorithm::hs256, "a", "").keys.size(), kMaxCandidates);
  EXPECT_EQ(set.candidates(Algorithm::hs256, "", "").keys.size(), kMaxCandidates);
}

}  // namespace

}  // namespace jwt
