#include "http/routing/allowed_hosts.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(AllowedHosts, AreNamesWithoutPortAndWildcards) {
  EXPECT_TRUE(AllowedHosts().allows("anything"));
  EXPECT_TRUE(AllowedHosts({"*"}).allows("anything"));
  const AllowedHosts some({"chat.example", "*.school.example", "[::1]"});
  for (const char* host :
       {"chat.example", "CHAT.example:443", "a.school.example", "a.b.school.example:80", "[::1]:5005", ""}) {
    EXPECT_TRUE(some.allows(host)) << host;
  }
  for (const char* host : {"school.example", "evil-school.example", "chat.example.evil.com", "127.0.0.1", "[::2]"}) {
    EXPECT_FALSE(some.allows(host)) << host;
  }
}

}  // namespace
}  // namespace http
