// Tokens that somebody without the key made, or changed.
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "jwt/verifier.h"
#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

const Requirements kNothingRequired{};

// What verify() says; a token that it accepts fails the test.
std::string refusal(const std::string& token, const KeySet& keys) {
  const Outcome outcome = verify(token, keys, kNothingRequired, test::kNow);
  if (outcome) {
    ADD_FAILURE() << "accepted: " << token;
    return {};
  }
  return outcome.error().text;
}

std::string header_of(Algorithm algorithm) {
  return std::string(R"({"alg":")").append(to_text(algorithm)).append(R"(","kid":")") +
         test::key_set(algorithm).keys()[0].id() + "\"}";
}

const std::string kAlgorithm(to_text(Failure::algorithm));
const std::string kSignature(to_text(Failure::signature));
const std::string kUnknownKey(to_text(Failure::unknown_key));

TEST(JwtAttacks, NoAlgorithm) {
  for (const char* const name : {"none", "None", "NONE", "nonE", "", "HS256 "}) {
    const std::string header =
        std::string(R"({"alg":")") + name + R"(","kid":")" + test::key_set(Algorithm::rs256).keys()[0].id() + "\"}";
    const std::string input = test::encode(header) + "." + test::encode(test::kClaims) + ".";
    EXPECT_EQ(refusal(input, test::key_set(Algorithm::rs256)), kAlgorithm);
    EXPECT_EQ(refusal(input + "AAAA", test::key_set(Algorithm::rs256)), kAlgorithm);
  }
}

TEST(JwtAttacks, APublicKeyIsNoSecret) {
  const KeyMaterial rsa = test::private_key(Algorithm::rs256);
  const base::Owned<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PUBKEY(out.get(), rsa.key()), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  const std::string& jwks = test::key_pair(Algorithm::rs256).public_key_set;
  for (const std::string_view secret :
       {std::string_view(text, static_cast<std::size_t>(size)), std::string_view(jwks)}) {
    const auto bytes = bytes_of(secret);
    const KeyMaterial hmac = KeyMaterial::of_secret(Bytes(bytes.begin(), bytes.end())).value();
    std::string header = header_of(Algorithm::rs256);
    header.replace(header.find("RS256"), 5, "HS256");
    EXPECT_EQ(refusal(test::forge(header, test::kClaims, hmac, Algorithm::hs256), test::key_set(Algorithm::rs256)),
              kAlgorithm);
    EXPECT_EQ(refusal(test::forge(R"({"alg":"HS256"})", test::kClaims, hmac, Algorithm::hs256),
                      test::key_set(Algorithm::rs256)),
              kUnknownKey);
  }
}

TEST(JwtAttacks, AnotherAlgorithmOfTheSameKey) {
  const KeyMaterial rsa = test::private_key(Algorithm::rs256);
  for (const Algorithm algorithm : {Algorithm::rs384, Algorithm::rs512, Algorithm::ps256}) {
    std::string header = header_of(Algorithm::rs256);
    header.replace(header.find("RS256"), 5, to_text(algorithm));
    EXPECT_EQ(refusal(test::forge(header, test::kClaims, rsa, algorithm), test::key_set(Algorithm::rs256)), kAlgorithm);
  }
}

TEST(JwtAttacks, AChangedPayload) {
  for (const Algorithm algorithm : kAlgorithms) {
    auto parts = test::parts_of(test::honest_token(algorithm));
    std::string claims(test::kClaims);
    claims.replace(claims.find("user-1"), 6, "user-2");
    EXPECT_EQ(refusal(parts[0] + "." + test::encode(claims) + "." + parts[2], test::key_set(algorithm)), kSignature);
  }
}

TEST(JwtAttacks, SignaturesOfTheWrongForm) {
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string token = test::honest_token(algorithm);
    const KeySet keys = test::key_set(algorithm);
    const Bytes signature = test::signature_of(token);
    std::vector<Bytes> wrong{{}, {0}, Bytes(signature.size()), Bytes(signature.size(), 0xFF), Bytes(1000, 1)};
    for (Bytes shorter = signature; shorter.size() > 1;) {
      shorter.pop_back();
      wrong.push_back(shorter);
    }
    Bytes changed = signature;
    changed.erase(changed.begin());
    wrong.push_back(changed);
    changed = signature;
    changed.push_back(0);
    wrong.push_back(changed);
    changed = signature;
    changed.insert(changed.begin(), 0);
    wrong.push_back(changed);
    changed = signature;
    changed.insert(changed.end(), signature.begin(), signature.end());
    wrong.push_back(changed);
    for (const Bytes& bytes : wrong) {
      EXPECT_EQ(refusal(test::with_signature(token, bytes), keys), kSignature) << to_text(algorithm);
    }
  }
}

TEST(JwtAttacks, NumbersOfAnEcdsaSignature) {
  for (const Algorithm algorithm : {Algorithm::es256, Algorithm::es384}) {
    const std::string token = test::honest_token(algorithm);
    const KeySet keys = test::key_set(algorithm);
    const Bytes signature = test::signature_of(token);
    const std::size_t half = signature.size() / 2;
    const std::string group = algorithm == Algorithm::es256 ? "prime256v1" : "secp384r1";
    const base::Owned<EC_GROUP, EC_GROUP_free> curve(EC_GROUP_new_by_curve_name(OBJ_sn2nid(group.c_str())));
    Bytes order(half);
    BN_bn2binpad(EC_GROUP_get0_order(curve.get()), order.data(), static_cast<int>(half));
    Bytes one(half);
    one.back() = 1;

    const std::vector<Bytes> numbers{Bytes(half), one, order, Bytes(half, 0xFF)};
    for (const Bytes& r : numbers) {
      for (const Bytes& s : numbers) {
        Bytes both = r;
        both.insert(both.end(), s.begin(), s.end());
        EXPECT_EQ(refusal(test::with_signature(token, both), keys), kSignature);
      }
      Bytes half_right = signature;
      std::copy(r.begin(), r.end(), half_right.begin());
      EXPECT_EQ(refusal(test::with_signature(token, half_right), keys), kSignature);
      half_right = signature;
      std::copy(r.begin(), r.end(), half_right.begin() + static_cast<std::ptrdiff_t>(half));
      EXPECT_EQ(refusal(test::with_signature(token, half_right), keys), kSignature);
    }
  }
}

TEST(JwtAttacks, NumbersOfAnEcdsaSignatureWithZerosInFront) {
  const std::string token = test::honest_token(Algorithm::es256);
  Bytes signature = test::signature_of(token);
  signature.insert(signature.begin() + 32, 0);
  signature.insert(signature.begin(), 0);
  EXPECT_EQ(refusal(test::with_signature(token, signature), test::key_set(Algorithm::es256)), kSignature);
}

// RFC 7518, 3.5: the salt is as long as the hash.
TEST(JwtAttacks, AnotherLengthOfSalt) {
  const KeyMaterial material = test::private_key(Algorithm::ps256);
  const auto parts = test::parts_of(test::honest_token(Algorithm::ps256));
  const std::string input = parts[0] + "." + parts[1];
  const auto bytes = bytes_of(input);
  for (const int salt : {0, 20, 32, 222}) {
    const base::Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    ASSERT_EQ(EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, material.key()), 1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt), 1);
    std::size_t size = 256;
    Bytes signature(size);
    ASSERT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()), 1);
    const std::string token = test::with_signature(input + ".", signature);
    EXPECT_EQ(verify(token, test::key_set(Algorithm::ps256), kNothingRequired, test::kNow).has_value(), salt == 32)
        << salt;
  }
}

TEST(JwtAttacks, DerIsNoEcdsaSignature) {
  const KeyMaterial material = test::private_key(Algorithm::es256);
  const auto parts = test::parts_of(test::honest_token(Algorithm::es256));
  const std::string input = parts[0] + "." + parts[1];
  const base::Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, material.key()), 1);
  std::size_t size = 200;
  Bytes der(size);
  const auto bytes = bytes_of(input);
  ASSERT_EQ(EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()), 1);
  der.resize(size);
  EXPECT_EQ(refusal(input + "." + base::base64url(der), test::key_set(Algorithm::es256)), kSignature);
  der.resize(64);
  EXPECT_EQ(refusal(input + "." + base::base64url(der), test::key_set(Algorithm::es256)), kSignature);
}

TEST(JwtAttacks, ACurveOfAnotherAlgorithm) {
  std::string header = header_of(Algorithm::es384);
  header.replace(header.find("ES384"), 5, "ES256");
  const std::string token = test::forge(header, test::kClaims, test::private_key(Algorithm::es256), Algorithm::es256);
  EXPECT_EQ(refusal(token, test::key_set(Algorithm::es384)), kAlgorithm);
}

TEST(JwtAttacks, AKeyIdIsOnlyCompared) {
  const KeyMaterial material = KeyMaterial::of_secret(Bytes(32)).value();
  for (const std::string& id :
       {std::string("../../../../dev/null"), std::string("/etc/passwd"), std::string("x' UNION SELECT 'key"),
        std::string("http://evil.example/keys"), std::string("|whoami"), std::string(4096, 'k'), std::string("\\u0000"),
        test::key_set(Algorithm::hs256).keys()[0].id() + "\\u0000"}) {
    const std::string token =
        test::forge(R"({"alg":"HS256","kid":")" + id + "\"}", test::kClaims, material, Algorithm::hs256);
    EXPECT_EQ(refusal(token, test::key_set(Algorithm::hs256)), kUnknownKey);
  }
}

TEST(JwtAttacks, AKeyInTheHeaderIsNotUsed) {
  const KeyMaterial material = KeyMaterial::of_secret(Bytes(32)).value();
  const std::string jwk = R"({"kty":"oct","k":")" + base::base64url(Bytes(32)) + "\"}";
  const std::string token = test::forge(R"({"alg":"HS256","jwk":)" + jwk + R"(,"jku":"http://evil.example"})",
                                        test::kClaims, material, Algorithm::hs256);
  EXPECT_EQ(refusal(token, test::key_set(Algorithm::hs256)), kUnknownKey);
  EXPECT_EQ(refusal(token, KeySet()), kUnknownKey);
}

TEST(JwtAttacks, ATokenInAToken) {
  const std::string inner = test::honest_token(Algorithm::hs256);
  const KeyMaterial material = test::private_key(Algorithm::hs256);
  const std::string header = header_of(Algorithm::hs256);
  EXPECT_EQ(refusal(test::forge(header, inner, material, Algorithm::hs256), test::key_set(Algorithm::hs256)),
            "the payload is not JSON");
  EXPECT_EQ(refusal(inner + ".AAAA.AAAA", test::key_set(Algorithm::hs256)), "the token does not have three parts");
}

// Each bit counts: base64url has one spelling only, and the signature covers the rest.
TEST(JwtAttacks, EachSingleBit) {
  for (const Algorithm algorithm : {Algorithm::hs256, Algorithm::es256, Algorithm::eddsa, Algorithm::ps256}) {
    const std::string token = test::honest_token(algorithm);
    const KeySet keys = test::key_set(algorithm);
    // Without its id, the set refuses none for its id only.
    const KeySet anonymous({Key::from_jwk([&] {
                              std::string jwk = test::key_pair(algorithm).public_key_set;
                              jwk = jwk.substr(jwk.find('[') + 1, jwk.rfind(']') - jwk.find('[') - 1);
                              return jwk.replace(jwk.find("\"kid\""), 5, "\"xid\"");
                            }())
                                .value()});
    ASSERT_TRUE(verify(token, keys, kNothingRequired, test::kNow));
    ASSERT_TRUE(verify(token, anonymous, kNothingRequired, test::kNow));
    for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
      std::string changed = token;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      ASSERT_FALSE(verify(changed, keys, kNothingRequired, test::kNow)) << to_text(algorithm) << ": " << changed;
      ASSERT_FALSE(verify(changed, anonymous, kNothingRequired, test::kNow)) << to_text(algorithm) << ": " << changed;
    }
  }
}

}  // namespace

}  // namespace jwt
