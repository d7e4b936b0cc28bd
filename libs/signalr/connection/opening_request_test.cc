#include "signalr/connection/opening_request.h"

#include <gtest/gtest.h>

namespace signalr {
namespace {

const OpeningRequest kRequest{
    .query = {{"numRedirects", "3"}, {"empty", ""}, {"empty", "second"}},
    .headers = {{"X-Thing", "one"}, {"Cookie", "a=1; bc=2 ;d==x=; e"}, {"cookie", "f=6;a=again"}, {"X-Empty", ""}},
    .user = User{.id = "parent-001", .claims = {{"role", "Parent"}, {"role", "Second"}}}};

TEST(OpeningRequest, HeadersAndQueryAreFoundInAnyCase) {
  EXPECT_EQ(kRequest.header("x-thing"), "one");
  EXPECT_EQ(kRequest.header("X-EMPTY"), "") << "there, and empty";
  EXPECT_EQ(kRequest.header("X-Thin"), std::nullopt);
  EXPECT_EQ(kRequest.query_value("NUMREDIRECTS"), "3");
  EXPECT_EQ(kRequest.query_value("empty"), "") << "the first counts";
  EXPECT_EQ(kRequest.query_value("id"), std::nullopt);
}

TEST(OpeningRequest, CookiesAreFoundByTheirExactName) {
  EXPECT_EQ(kRequest.cookie("a"), "1");
  EXPECT_EQ(kRequest.cookie("bc"), "2");
  EXPECT_EQ(kRequest.cookie("d"), "=x=");
  EXPECT_EQ(kRequest.cookie("f"), "6") << "from a second header";
  for (const char* absent : {"A", "b", "c", "e", ""}) EXPECT_EQ(kRequest.cookie(absent), std::nullopt) << absent;
}

TEST(OpeningRequest, AClaimIsFoundByItsName) {
  EXPECT_EQ(kRequest.user->claim("role"), "Parent");
  EXPECT_EQ(kRequest.user->claim("Role"), std::nullopt);
}

}  // namespace
}  // namespace signalr
