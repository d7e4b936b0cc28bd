#include "jwt/key.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <string>

#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

std::string jwk_of(Algorithm algorithm) {
  const std::string& set = test::key_pair(algorithm).public_key_set;
  const std::size_t begin = set.find('[') + 1;
  return set.substr(begin, set.rfind(']') - begin);
}

std::string with_member(std::string jwk, const std::string& member) { return jwk.insert(1, member + ","); }

std::string without_algorithm(std::string jwk) {
  const std::size_t begin = jwk.find("\"alg\":");
  return jwk.erase(begin, jwk.find(',', begin) + 1 - begin);
}

std::string without_use(std::string jwk) { return jwk.erase(jwk.find("\"use\":\"sig\","), 12); }

std::string rsa_jwk(std::size_t bytes, const std::string& exponent) {
  return R"({"kty":"RSA","n":")" + base::base64url(Bytes(bytes, 0xFF)) + R"(","e":")" + exponent + "\"}";
}

TEST(JwtAlgorithm, TextBothWays) {
  for (const Algorithm algorithm : kAlgorithms) EXPECT_EQ(parse_algorithm(to_text(algorithm)), algorithm);
  for (const char* const other : {"none", "None", "NONE", "", "rs256", "RS256 ", "HS384", "HS512", "ES512", "PS384"}) {
    EXPECT_FALSE(parse_algorithm(other)) << other;
  }
}

TEST(JwtKey, ATypeBindsItsAlgorithms) {
  for (const Algorithm of_key : kAlgorithms) {
    const Key key = Key::from_jwk(without_algorithm(jwk_of(of_key))).value();
    for (const Algorithm algorithm : kAlgorithms) {
      EXPECT_EQ(key.fits(algorithm), type_for(algorithm) == type_for(of_key));
    }
  }
}

TEST(JwtKey, AlgOfAJwkRestricts) {
  const Key key = Key::from_jwk(jwk_of(Algorithm::rs256)).value();
  EXPECT_EQ(key.algorithm(), Algorithm::rs256);
  EXPECT_TRUE(key.fits(Algorithm::rs256));
  EXPECT_FALSE(key.fits(Algorithm::rs384));
  EXPECT_FALSE(key.fits(Algorithm::ps256));

  const std::string any = without_algorithm(jwk_of(Algorithm::rs256));
  EXPECT_FALSE(Key::from_jwk(with_member(any, R"("alg":"HS256")")));
  EXPECT_FALSE(Key::from_jwk(with_member(any, R"("alg":"RSA-OAEP")")));
  EXPECT_FALSE(Key::from_jwk(with_member(any, R"("alg":256)")));
}

TEST(JwtKey, UseAndOperations) {
  const std::string plain = without_use(jwk_of(Algorithm::es256));
  for (const char* const member : {R"("use":"sig")", R"("key_ops":["verify"])", R"("key_ops":["sign","verify"])"}) {
    EXPECT_TRUE(Key::from_jwk(with_member(plain, member))) << member;
  }
  for (const char* const member : {R"("use":"enc")", R"("use":"SIG")", R"("use":1)", R"("key_ops":["sign"])",
                                   R"("key_ops":[])", R"("key_ops":"verify")"}) {
    EXPECT_FALSE(Key::from_jwk(with_member(plain, member))) << member;
  }
}

TEST(JwtKey, ASecretHas32Bytes) {
  EXPECT_FALSE(Key::symmetric("a", Bytes(31)));
  EXPECT_TRUE(Key::symmetric("a", Bytes(32)));
  const auto oct = [](std::size_t bytes) { return R"({"kty":"oct","k":")" + base::base64url(Bytes(bytes)) + "\"}"; };
  EXPECT_FALSE(Key::from_jwk(oct(16)));
  EXPECT_TRUE(Key::from_jwk(oct(64)));
  std::string labelled = oct(32).insert(1, R"("kid":"7",)");
  EXPECT_EQ(Key::from_jwk(labelled).value().id(), "7");
  EXPECT_FALSE(Key::from_jwk(labelled.replace(labelled.find("\"7\""), 3, "7")));
  EXPECT_FALSE(Key::from_jwk(R"({"kty":"oct","k":"not base64url, though it is long enough for a key"})"));
}

TEST(JwtKey, RsaSizesAndExponents) {
  EXPECT_TRUE(Key::from_jwk(rsa_jwk(256, "AQAB")));
  EXPECT_TRUE(Key::from_jwk(rsa_jwk(256, "Aw")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(128, "AQAB")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(255, "AQAB")));
  EXPECT_TRUE(Key::from_jwk(rsa_jwk(1024, "AQAB")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(1025, "AQAB")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(256, "AQ"))) << "with the exponent 1 every text is its own signature";
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(256, "AA")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(256, "Ag")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(256, "")));
  EXPECT_FALSE(Key::from_jwk(rsa_jwk(256, base::base64url(Bytes(9, 0xFF)))));
}

TEST(JwtKey, CurvesAndPoints) {
  const auto elliptic = [](const std::string& curve, const Bytes& x, const Bytes& y) {
    return R"({"kty":"EC","crv":")" + curve + R"(","x":")" + base::base64url(x) + R"(","y":")" + base::base64url(y) +
           "\"}";
  };
  EXPECT_FALSE(Key::from_jwk(elliptic("P-256", Bytes(32, 1), Bytes(32, 1)))) << "not on the curve";
  EXPECT_FALSE(Key::from_jwk(elliptic("P-256", Bytes(32), Bytes(32))));
  EXPECT_FALSE(Key::from_jwk(elliptic("P-521", Bytes(66, 1), Bytes(66, 1))));
  EXPECT_FALSE(Key::from_jwk(elliptic("secp256k1", Bytes(32, 1), Bytes(32, 1))));

  std::string longer = jwk_of(Algorithm::es256);
  longer.insert(longer.find("\"x\":\"") + 5, "AAAA");
  EXPECT_FALSE(Key::from_jwk(longer)) << "a coordinate has its full length, and no more";
  EXPECT_FALSE(Key::from_jwk(R"({"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"})"));
  EXPECT_FALSE(Key::from_jwk(R"({"kty":"OKP","crv":"Ed25519","x":"3p7b"})"));
}

TEST(JwtKey, GarbageIsNoJwk) {
  for (const char* const text :
       {"", "{}", "[]", "7", R"({"kty":7})", R"({"kty":"EC"})", R"({"kty":"RSA","n":"AQAB"})", R"({"kty":"OKP"})",
        R"({"kty":"oct"})", R"({"kty":"rsa"})", R"({"kty":"EC","crv":1})", R"({"kty":"oct","kty":"oct"})"}) {
    EXPECT_FALSE(Key::from_jwk(text)) << text;
  }
}

TEST(JwtKey, Pem) {
  for (const Algorithm algorithm :
       {Algorithm::rs256, Algorithm::ps256, Algorithm::es256, Algorithm::es384, Algorithm::eddsa}) {
    const KeyMaterial material = test::private_key(algorithm);
    const base::Owned<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
    ASSERT_EQ(PEM_write_bio_PUBKEY(out.get(), material.key()), 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    const Key key = Key::from_pem("p", {text, static_cast<std::size_t>(size)}).value();
    EXPECT_EQ(key.id(), "p");
    EXPECT_TRUE(key.verify(algorithm, "input", material.sign(algorithm, "input").value()));
    EXPECT_FALSE(key.verify(algorithm, "other", material.sign(algorithm, "input").value()));
  }
  EXPECT_FALSE(Key::from_pem("p", ""));
  EXPECT_FALSE(Key::from_pem("p", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_FALSE(Key::from_pem("p",
                             "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                             "00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END PUBLIC KEY-----\n"))
      << "asks nobody for a passphrase";
}

TEST(JwtKey, LeavesNoErrorsOfOpenSsl) {
  ERR_clear_error();
  EXPECT_FALSE(Key::from_pem("p", "garbage"));
  EXPECT_FALSE(Key::from_jwk(R"({"kty":"OKP","crv":"Ed25519","x":"3p7b"})"));
  const Key key = Key::from_jwk(jwk_of(Algorithm::rs256)).value();
  EXPECT_FALSE(key.verify(Algorithm::rs256, "input", Bytes(256, 1)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace

}  // namespace jwt
