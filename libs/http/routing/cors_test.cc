#include "http/routing/cors.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace http {
namespace {

class Headers final : public RequestHeaders {
 public:
  Headers(std::initializer_list<std::pair<const std::string, std::string>> values) : values_(values) {}
  std::string_view value(std::string_view name) const override {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::string_view() : found->second;
  }
  std::vector<std::string_view> values(std::string_view name) const override {
    const std::string_view only = value(name);
    return only.empty() ? std::vector<std::string_view>() : std::vector{only};
  }
  std::vector<std::pair<std::string, std::string>> all() const override { return {values_.begin(), values_.end()}; }

 private:
  std::map<std::string, std::string> values_;
};

Request request_with(const Headers& headers) {
  Request request;
  request.headers = &headers;
  return request;
}

std::string header_of(const Response& response, std::string_view name) {
  std::string values;
  for (const auto& [key, value] : response.headers) {
    if (key == name) values += value;
  }
  return values;
}

const CorsPolicy kOne({"https://app.example"});

TEST(Cors, AnAllowedOriginIsAnsweredByItsName) {
  const Headers headers{{"Origin", "https://app.example"}};
  Response response;
  kOne.decorate(request_with(headers), response);
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(header_of(response, "Vary"), "Origin");
  EXPECT_NE(header_of(response, "Access-Control-Expose-Headers").find("Location"), std::string::npos);
}

TEST(Cors, AnyOtherIsNot) {
  for (const char* origin : {"https://evil.example", "https://app.example.evil.com", "http://app.example", "null",
                             "https://app.example:444", "HTTPS://APP.EXAMPLE", ""}) {
    const Headers headers{{"Origin", origin}, {"Access-Control-Request-Method", "POST"}};
    Response response;
    kOne.decorate(request_with(headers), response);
    kOne.answer_preflight(request_with(headers), response);
    EXPECT_EQ(response.headers.size(), 1u) << origin;
    EXPECT_EQ(header_of(response, "Vary"), "Origin") << "caches must know that it depends";
  }
}

TEST(Cors, WithoutAnyAllowedOriginNothingIsSaid) {
  const Headers headers{{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "POST"}};
  Response response;
  const CorsPolicy none({});
  none.decorate(request_with(headers), response);
  none.answer_preflight(request_with(headers), response);
  EXPECT_TRUE(response.headers.empty());
}

TEST(Cors, TheStarAllowsAnyByItsOwnName) {
  const Headers headers{{"Origin", "https://whoever.example"}};
  Response response;
  CorsPolicy({"*"}).decorate(request_with(headers), response);
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "https://whoever.example");
}

TEST(Cors, AnAllowedOriginMayBeWrittenInAnyCaseAndWithItsDefaultPort) {
  for (const char* written : {"HTTPS://App.Example", "https://app.example:443"}) {
    EXPECT_TRUE(CorsPolicy({written}).allows("https://app.example")) << written;
  }
  EXPECT_FALSE(CorsPolicy({"https://app.example:80"}).allows("https://app.example"));
}

TEST(Cors, APreflightIsToldTheMethodsAndTheHeadersItAskedFor) {
  const Headers headers{{"Origin", "https://app.example"},
                        {"Access-Control-Request-Method", "POST"},
                        {"Access-Control-Request-Headers", "x-signalr-user-agent, content-type"}};
  Response response;
  kOne.answer_preflight(request_with(headers), response);
  EXPECT_NE(header_of(response, "Access-Control-Allow-Methods").find("POST"), std::string::npos);
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Headers"), "x-signalr-user-agent, content-type");
  EXPECT_EQ(header_of(response, "Access-Control-Max-Age"), "600");

  const Headers plain{{"Origin", "https://app.example"}};
  Response no_preflight;
  kOne.answer_preflight(request_with(plain), no_preflight);
  EXPECT_TRUE(no_preflight.headers.empty());
}

TEST(Cors, ASocketMayBeOpenedByOurOwnPageByAllowedOnesAndByPrograms) {
  const auto may = [](const CorsPolicy& policy, const std::string& origin, const std::string& host,
                      std::string_view scheme = {}) {
    const Headers headers{{"Origin", origin}};
    Request request = request_with(headers);
    request.host = host;
    request.scheme = scheme;
    return policy.allows_socket(request);
  };
  EXPECT_TRUE(may(kOne, "", "localhost:5005"));
  EXPECT_TRUE(may(kOne, "https://app.example", "localhost:5005"));
  EXPECT_TRUE(may(kOne, "http://localhost:5005", "localhost:5005"));
  EXPECT_TRUE(may(kOne, "https://LocalHost:5005", "localhost:5005"));
  EXPECT_FALSE(may(kOne, "http://localhost:5006", "localhost:5005"));
  EXPECT_FALSE(may(kOne, "https://evil.example", "localhost:5005"));
  EXPECT_FALSE(may(kOne, "https://evil.example/localhost:5005", "localhost:5005"));
  EXPECT_FALSE(may(kOne, "null", "localhost:5005"));
  EXPECT_FALSE(may(CorsPolicy({}), "localhost:5005", "localhost:5005"));

  EXPECT_TRUE(may(kOne, "https://x", "x:443")) << "a default port is none";
  EXPECT_TRUE(may(kOne, "https://x:443", "x"));
  EXPECT_TRUE(may(kOne, "http://x", "x:80"));
  EXPECT_TRUE(may(kOne, "http://[::1]:5005", "[::1]:5005"));
  EXPECT_TRUE(may(kOne, "http://[::1]", "[::1]:80"));
  EXPECT_FALSE(may(kOne, "https://x", "x:80"));
  EXPECT_FALSE(may(kOne, "https://x:8443", "x"));
  EXPECT_FALSE(may(kOne, "http://x", ""));
  EXPECT_TRUE(may(kOne, "https://x", "x", "https"));
  EXPECT_FALSE(may(kOne, "http://x", "x", "https")) << "a proxy that is known says which scheme the page must have";
  EXPECT_FALSE(may(kOne, "ftp://x", "x", "https"));
}

}  // namespace
}  // namespace http
