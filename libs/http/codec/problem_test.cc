#include "http/codec/problem.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

constexpr std::string_view kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Problem, IsExactlyThis) {
  const Response response = problem_response({.status = 404, .detail = "there is no \"x\""}, TraceId(kTraceparent));
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(response.content_type, "application/problem+json; charset=utf-8");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is no \"x\"",)"
                           R"("traceId":"0af7651916cd43dd8448eb211c80319c"})");
}

TEST(Problem, GathersTheTextsOfAFieldInTheOrderOfTheFirst) {
  const Response response = problem_response(
      {.status = 400,
       .detail = "d",
       .errors = {{"content", "is missing"}, {"senderId", "is \"empty\""}, {"content", "is not text"}, {"", "whole"}},
       .type = "urn:x",
       .title = "Own title"},
      TraceId(kTraceparent));
  EXPECT_TRUE(response.body.starts_with(R"({"type":"urn:x","title":"Own title","status":400,)")) << response.body;
  EXPECT_TRUE(response.body.ends_with(
      R"("errors":{"content":["is missing","is not text"],"senderId":["is \"empty\""],"":["whole"]}})"))
      << response.body;
}

TEST(TraceIdTest, IsMadeOnceWhereNoValidOneCame) {
  for (const std::string_view came : {"", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"}) {
    const TraceId id(came);
    const std::string first = id.text();
    EXPECT_EQ(first.size(), 32u);
    EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(id.text(), first);
    EXPECT_NE(TraceId(came).text(), first);
  }
}

}  // namespace
}  // namespace http
