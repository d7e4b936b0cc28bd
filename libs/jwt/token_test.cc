#include "jwt/token.h"

#include <gtest/gtest.h>

#include <string>

#include "support/cpp/jwt_tokens.h"

namespace jwt {

namespace {

constexpr std::string_view kPlainHeader = R"({"alg":"HS256"})";

std::string compact(std::string_view header, std::string_view payload = "{}") {
  return test::encode(header) + "." + test::encode(payload) + ".AAAA";
}

std::string complaint(const std::string& text) {
  const auto token = Token::parse(text);
  return token ? "none" : token.error().text;
}

std::string complaint_about_header(std::string_view header) { return complaint(compact(header)); }
std::string complaint_about_payload(std::string_view payload) { return complaint(compact(kPlainHeader, payload)); }

TEST(JwtToken, TellsWhatItSaysUnverified) {
  const Token token = Token::parse(compact(R"({"alg":"ES256","kid":"k/1","typ":"at+JWT"})", test::kClaims)).value();
  EXPECT_EQ(token.algorithm(), Algorithm::es256);
  EXPECT_EQ(token.key_id(), "k/1");
  EXPECT_EQ(token.unverified_claims().issuer(), test::kIssuer);
  EXPECT_EQ(token.signature(), Bytes(3));
}

TEST(JwtToken, HasThreeParts) {
  const std::string good = compact(kPlainHeader);
  EXPECT_EQ(complaint(good), "none");
  const std::string three = "the token does not have three parts";
  for (const std::string& text : {std::string(), std::string("a"), test::encode(kPlainHeader) + ".e30", good + ".e30",
                                  good + ".", good + ".e30.e30", std::string("....")}) {
    EXPECT_EQ(complaint(text), three) << text;
  }
}

TEST(JwtToken, IsBounded) {
  EXPECT_EQ(complaint(std::string(20'000, 'A')), "the token has more than 16 KiB");
  const std::string filler = R"({"filler":")" + std::string(12'000, 'x') + "\"}";
  EXPECT_EQ(complaint_about_payload(filler), "none");
}

TEST(JwtToken, IsStrictBase64url) {
  const std::string wrong = "a part of the token is not base64url";
  const std::string head = test::encode(kPlainHeader);
  for (const char* const part : {"e30=", "e30 ", " e30", "e30\n", "e31", "e3", "e", "e3+0", "e3/0", "e3\xC3\xA9"}) {
    EXPECT_EQ(complaint(head + "." + part + ".AAAA"), wrong) << part;
  }
  for (const char* const part : {"AA==", "AAAA=", "AB", "AAB", "A", "AA+A", "AA/A", "AAAA "}) {
    EXPECT_EQ(complaint(head + ".e30." + part), wrong) << part;
  }
  EXPECT_EQ(complaint(head + "==.e30.AAAA"), wrong);
  EXPECT_EQ(complaint(head + ".e30."), "none") << "an empty signature is a matter of the key";
}

TEST(JwtToken, HeaderFields) {
  EXPECT_EQ(complaint_about_header("{}"), "the header has no text 'alg'");
  EXPECT_EQ(complaint_about_header(R"({"alg":1})"), "the header has no text 'alg'");
  EXPECT_EQ(complaint_about_header(R"({"alg":["HS256"]})"), "the header has no text 'alg'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","kid":1})"), "'kid' of the header is not a text");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","crit":["exp"]})"), "the header has 'crit'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","crit":[]})"), "the header has 'crit'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","crit":["b64"],"b64":false})"), "the header has 'crit'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","b64":true})"), "the header has 'b64'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","zip":"DEF"})"), "the header has 'zip'");
  EXPECT_EQ(complaint_about_header(R"({"alg":"dir","enc":"A128GCM"})"), "the header has 'enc'");
  for (const char* const type : {"\"JWT\"", "\"jwt\"", "\"at+jwt\"", "\"AT+JWT\"", "\"application/at+jwt\""}) {
    EXPECT_EQ(complaint_about_header(std::string(R"({"alg":"HS256","typ":)") + type + "}"), "none") << type;
  }
  for (const char* const type : {"\"\"", "\"JOSE\"", "\"dpop+jwt\"", "\"logout+jwt\"", "\"JWT \"", "1", "null"}) {
    EXPECT_EQ(complaint_about_header(std::string(R"({"alg":"HS256","typ":)") + type + "}"),
              "'typ' of the header is not JWT or at+jwt")
        << type;
  }
}

TEST(JwtToken, AnAlgorithmThatIsNotOursIsTold) {
  for (const char* const name : {"none", "None", "NONE", "nOnE", "hs256", "HS512", ""}) {
    const auto token = Token::parse(compact(std::string(R"({"alg":")") + name + "\"}"));
    ASSERT_TRUE(token) << name;
    EXPECT_FALSE(token->algorithm()) << name;
  }
}

TEST(JwtToken, TheSameNameTwiceIsRefused) {
  const std::string twice = "the payload has an object with the same name twice";
  EXPECT_EQ(complaint_about_payload(R"({"sub":"a","sub":"b"})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"sub":"a","sub":"a"})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"sub":"a","s\u0075b":"b"})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"x":{"y":[{"z":1,"z":{}}]}})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"x":{"y":1},"x":{}})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"":1,"":2})"), twice);
  EXPECT_EQ(complaint_about_payload(R"({"sub":"a","Sub":"b","x":{"sub":"c"}})"), "none");
  EXPECT_EQ(complaint_about_header(R"({"alg":"HS256","alg":"none"})"),
            "the header has an object with the same name twice");
  EXPECT_EQ(complaint_about_header(R"({"alg":"none","\u0061lg":"HS256"})"),
            "the header has an object with the same name twice");

  std::string many = "{";
  for (int i = 0; i < 900; ++i) many += "\"n" + std::to_string(i) + "\":1,";
  EXPECT_EQ(complaint_about_payload(many + R"("last":1})"), "none");
  EXPECT_EQ(complaint_about_payload(many + R"("n17":1})"), twice);
}

TEST(JwtToken, IsJsonOfBoundedDepth) {
  const auto nested = [](std::size_t depth) {
    return R"({"x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(complaint_about_payload(nested(16)), "none");
  EXPECT_EQ(complaint_about_payload(nested(17)), "the payload has more than 16 levels");
  EXPECT_EQ(complaint_about_payload(R"({"x":)" + std::string(5000, '[')), "the payload has more than 16 levels");
  for (const char* const json : {"", "null", "[]", "\"x\"", "1"}) EXPECT_NE(complaint_about_payload(json), "none");
  for (const char* const json :
       {"{", "{}x", "{},{}", "{'a':1}", "{\"a\":1,}", "{\"a\":01}", "{/**/}", "\xEF\xBB\xBF{}", "{\"a\":NaN}"}) {
    EXPECT_EQ(complaint_about_payload(json), "the payload is not JSON") << json;
  }
  EXPECT_EQ(complaint_about_payload("{\"a\":\"\xFF\"}"), "the payload is not UTF-8");
  EXPECT_EQ(complaint_about_payload("{\"a\":\"\xC0\xAF\"}"), "the payload is not UTF-8");
  EXPECT_EQ(complaint_about_payload(R"({"a":"\ud800"})"), "the payload is not JSON") << "half a pair";
}

TEST(JwtClaims, Registered) {
  const Claims claims =
      Claims::parse(
          R"({"iss":"i","sub":"s","aud":["a","b"],"exp":1800000000.5,"nbf":0,"iat":1.8e9,"jti":"j","extra":{"x":1}})")
          .value();
  EXPECT_EQ(claims.issuer(), "i");
  EXPECT_EQ(claims.subject(), "s");
  EXPECT_EQ(claims.token_id(), "j");
  EXPECT_EQ(claims.audiences(), std::vector<std::string_view>({"a", "b"}));
  EXPECT_EQ(claims.expires_at(), 1'800'000'000'500);
  EXPECT_EQ(claims.not_before(), 0);
  EXPECT_EQ(claims.issued_at(), 1'800'000'000'000);

  const Claims none = Claims::parse("{}").value();
  EXPECT_FALSE(none.issuer() || none.subject() || none.token_id());
  EXPECT_FALSE(none.expires_at() || none.not_before() || none.issued_at());
  EXPECT_TRUE(none.audiences().empty());
}

TEST(JwtClaims, OfTheWrongTypeAreNamed) {
  for (const char* const name : {"iss", "sub", "jti"}) {
    for (const char* const value : {"1", "null", "[\"x\"]", "true", "{}"}) {
      EXPECT_EQ(complaint_about_payload("{\"" + std::string(name) + "\":" + value + "}"),
                "the claim '" + std::string(name) + "' is not a text");
    }
  }
  for (const char* const value : {"1", "null", "{}", "[1]", "[\"a\",null]", "[[\"a\"]]"}) {
    EXPECT_EQ(complaint_about_payload(std::string(R"({"aud":)") + value + "}"),
              "the claim 'aud' is not a text or a list of texts");
  }
  for (const char* const name : {"exp", "nbf", "iat"}) {
    const std::string is = "the claim '" + std::string(name) + "' is not ";
    for (const char* const value : {"\"1800000000\"", "null", "[]", "true"}) {
      EXPECT_EQ(complaint_about_payload("{\"" + std::string(name) + "\":" + value + "}"), is + "a number");
    }
    for (const char* const value : {"-1", "-0.001", "1e300", "253402300800", "18446744073709551615", "-1e300"}) {
      EXPECT_EQ(complaint_about_payload("{\"" + std::string(name) + "\":" + value + "}"),
                is + "a time between the years 1970 and 9999")
          << value;
    }
    EXPECT_NE(complaint_about_payload("{\"" + std::string(name) + "\":1e400}"), "none");
    EXPECT_EQ(complaint_about_payload("{\"" + std::string(name) + "\":253402300799}"), "none");
  }
}

TEST(JwtClaims, OthersByName) {
  const Claims claims =
      Claims::parse(
          R"({"senderType":"user","scope":" read  send ","roles":["a b","c"],"empty":"","n":1,"mixed":["a",1]})")
          .value();
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(claims.text("senderType").value(), "user");
  EXPECT_FALSE(claims.text("absent").value());
  EXPECT_EQ(claims.text("n").error().text, "the claim 'n' is not a text");
  EXPECT_EQ(claims.texts("scope").value(), Texts({"read", "send"}));
  EXPECT_EQ(claims.texts("roles").value(), Texts({"a b", "c"}));
  EXPECT_EQ(claims.texts("empty").value(), Texts());
  EXPECT_EQ(claims.texts("absent").value(), Texts());
  EXPECT_EQ(claims.texts("n").error().text, "the claim 'n' is not a text or a list of texts");
  EXPECT_FALSE(claims.texts("mixed"));
}

TEST(JwtClaims, CopiesShareTheirTexts) {
  std::optional<Claims> claims = Claims::parse(R"({"sub":"a"})").value();
  const Claims copy = *claims;
  claims.reset();
  EXPECT_EQ(copy.subject(), "a");
}

}  // namespace

}  // namespace jwt
