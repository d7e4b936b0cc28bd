#include "http/client/url.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(ClientUrl, IsTakenApart) {
  const auto plain = parse_url("http://127.0.0.1:5005");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, "5005");
  EXPECT_EQ(plain->authority, "127.0.0.1:5005");

  const auto six = parse_url("http://[::1]:5005/");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->authority, "[::1]:5005");

  const auto short_form = parse_url("http://localhost");
  ASSERT_TRUE(short_form);
  EXPECT_EQ(short_form->port, "80");
}

TEST(ClientUrl, IsRefusedWhenItIsNotOurs) {
  for (const char* url : {"", "127.0.0.1:5005", "https://localhost", "http://", "http://:80", "http://localhost:0",
                          "http://localhost:65536", "http://localhost:5005/path", "http://user@localhost",
                          "http://[::1", "http://::1]:80", "http://a b", "http://localhost:50x"}) {
    const auto parts = parse_url(url);
    ASSERT_FALSE(parts) << url;
    EXPECT_NE(parts.error().text.find("http://HOST"), std::string::npos);
  }
}

}  // namespace
}  // namespace http
