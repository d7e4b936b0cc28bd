#include "config/endpoint.h"

#include <gtest/gtest.h>

namespace message_service::config {
namespace {

TEST(Endpoint, ReadsWhatCanBeListenedOn) {
  const auto text = [](std::string_view url) -> std::string {
    const auto endpoint = parse_endpoint(url);
    return endpoint ? endpoint->host + " " + std::to_string(endpoint->port) : "none";
  };
  EXPECT_EQ(text("http://127.0.0.1:5005"), "127.0.0.1 5005");
  EXPECT_EQ(text("HTTP://localhost:0/"), "localhost 0");
  EXPECT_EQ(text("http://*:5005"), "* 5005");
  EXPECT_EQ(text("http://+:5005"), "+ 5005");
  EXPECT_EQ(text("http://chat.example"), "chat.example 80");
  EXPECT_EQ(text("http://[::1]"), "::1 80");
  EXPECT_EQ(text("http://[::1]:80"), "::1 80");
  EXPECT_EQ(text("https://chat.example"), "chat.example 443");
  EXPECT_TRUE(parse_endpoint("HTTPS://chat.example:1")->https);
  EXPECT_FALSE(parse_endpoint("http://chat.example:1")->https);
  for (const char* bad : {"", "http://", "http://-a:80", "http://u@a:80", "http://127.0.0.1:65536", "http://:80",
                          "http://127.0.0.1:80/x", "http://127.0.0.1:-1", "http://1.2.3:80", "http://[::1:80",
                          "ftp://127.0.0.1:80", "http://127.0.0.1:80;http://127.0.0.1:81"}) {
    EXPECT_EQ(text(bad), "none") << bad;
  }
  EXPECT_EQ(parse_endpoints("http://127.0.0.1:80;http://[::1]:81;")->size(), 2U);
  for (const char* bad : {"", ";", "http://a:80;ftp://b:81", "http://a:80,http://b:81"}) {
    EXPECT_FALSE(parse_endpoints(bad)) << bad;
  }
}

}  // namespace
}  // namespace message_service::config
