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
  EXPECT_FALSE(short_form->https);

  const auto secure = parse_url("https://localhost");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->port, "443");
  EXPECT_TRUE(secure->https);
}

TEST(ClientUrl, MayNameAResource) {
  const auto keys = parse_resource("https://login.example.org/tenant/keys?v=2#top");
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->server, "https://login.example.org");
  EXPECT_EQ(keys->target, "/tenant/keys?v=2");
  EXPECT_EQ(parse_resource("http://[::1]:5005")->target, "/");
  EXPECT_EQ(parse_resource("http://localhost?a=b")->target, "/?a=b");
  for (const char* url : {"", "localhost/keys", "ftp://localhost/keys", "https:///keys", "https://user@localhost/keys",
                          "https://localhost/a b", "https://localhost/a\r\nX: y"}) {
    EXPECT_FALSE(parse_resource(url)) << url;
  }
}

TEST(ClientUrl, IsRefusedWhenItIsNotOurs) {
  for (const char* url :
       {"", "127.0.0.1:5005", "ftp://localhost", "http://", "https://", "http://:80", "http://localhost:0",
        "http://localhost:65536", "http://localhost:5005/path", "http://user@localhost", "http://[::1",
        "http://::1]:80", "http://a b", "http://localhost:50x"}) {
    const auto parts = parse_url(url);
    ASSERT_FALSE(parts) << url;
    EXPECT_NE(parts.error().text.find("http://HOST"), std::string::npos);
  }
}

}  // namespace
}  // namespace http
