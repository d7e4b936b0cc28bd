// The examples of the standards.
#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"
#include "jwt/key.h"
#include "jwt/key_set.h"
#include "jwt/token.h"
#include "jwt/verifier.h"
#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr base::Timestamp kExpires = 1'300'819'380'000;

constexpr std::string_view kRsaKey =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm)"
    R"(4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ)"
    R"(OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkML)"
    R"(s91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";

void expect_valid(std::string_view key, const std::string& text) {
  const KeySet keys = KeySet::parse("{\"keys\":[" + std::string(key) + "]}").value();
  ASSERT_EQ(keys.keys().size(), 1U);
  const Requirements requirements{
      .issuers = {"joe"}, .audiences = {}, .clock_skew = std::chrono::seconds(0), .needs_subject = false};
  const Outcome outcome = verify(text, keys, requirements, kExpires - 1);
  ASSERT_TRUE(outcome) << outcome.error().text;
  EXPECT_EQ(outcome->claims().issuer(), "joe");
  EXPECT_EQ(outcome->claims().expires_at(), kExpires);
  EXPECT_FALSE(outcome->claims().text("http://example.com/is_root"));
  EXPECT_EQ(verify(text, keys, requirements, kExpires).error().failure, Failure::expired);
}

TEST(JwtVectors, Rfc7515A1) {
  expect_valid(
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(kPayload) +
          ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST(JwtVectors, Rfc7515A2) {
  expect_valid(
      kRsaKey,
      "eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload) +
          ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbd"
          "s9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZR"
          "mB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98"
          "rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

TEST(JwtVectors, Rfc7515A3) {
  expect_valid(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
               R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
               "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload) +
                   ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
}

// Its payload is not JSON, so the key checks it alone.
TEST(JwtVectors, Rfc8037A4) {
  const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const Key key =
      Key::from_jwk(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})").value();
  EXPECT_TRUE(key.verify(Algorithm::eddsa, input, base::read_base64url(signature).value()));

  const auto jwk = read_json_object(R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
                                    R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
                                    "the JWK");
  const KeyMaterial material = read_private_jwk(jwk.value()).value();
  EXPECT_EQ(base::base64url(material.sign(Algorithm::eddsa, input).value()), signature);
  EXPECT_EQ(Token::parse(input + "." + signature).error().text, "the payload is not JSON");
}

}  // namespace

}  // namespace jwt
