#include "http/codec/message.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

constexpr std::string_view kDate = "Tue, 27 Jan 2026 10:30:00 GMT";

std::string written(const Response& response, ResponseContext context = {}) {
  context.date = kDate;
  std::string out;
  write_response(out, response, context);
  return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(WriteResponse, IsExactlyThis) {
  EXPECT_EQ(written({.status = 202, .content_type = kJson, .body = "{}", .headers = {{"Location", "/x"}}}),
            "HTTP/1.1 202 Accepted\r\nDate: Tue, 27 Jan 2026 10:30:00 GMT\r\n"
            "Content-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\nLocation: /x\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n{}");
}

TEST(WriteResponse, AppendsBehindWhatIsThere) {
  std::string out = "before";
  write_response(out, {.status = 200}, {.date = kDate});
  EXPECT_TRUE(out.starts_with("beforeHTTP/1.1 200 OK\r\n"));
}

TEST(WriteResponse, AnEmptyBodyHasALengthAndNoType) {
  const std::string out = written({.status = 404});
  EXPECT_TRUE(has(out, "\r\nContent-Length: 0\r\n"));
  EXPECT_FALSE(has(out, "Content-Type:"));
}

TEST(WriteResponse, ABodyThatGoesOnEndsWithItsConnection) {
  const auto upgrade = [](Upgraded) -> runtime::Awaitable<void> { co_return; };
  const std::string stream = written({.content_type = "text/event-stream", .body = ":\r\n", .upgrade = upgrade});
  EXPECT_FALSE(has(stream, "Content-Length"));
  EXPECT_TRUE(has(stream, "\r\nConnection: close\r\n"));
  EXPECT_TRUE(stream.ends_with("\r\n\r\n:\r\n"));
  EXPECT_FALSE(has(written({.status = 101, .upgrade = upgrade}), "Connection"));
}

TEST(WriteResponse, SomeStatusesHaveNoBodyAtAll) {
  for (const unsigned status : {100u, 101u, 204u, 304u}) {
    const std::string out = written({.status = status, .content_type = kText, .body = "must not go out"});
    EXPECT_FALSE(has(out, "Content-Length")) << status;
    EXPECT_FALSE(has(out, "Content-Type:")) << status;
    EXPECT_TRUE(out.ends_with("\r\n\r\n")) << status;
  }
}

TEST(WriteResponse, ToHeadTheLengthIsToldAndTheBodyIsNot) {
  const std::string out = written({.content_type = kText, .body = "hello"}, {.without_body = true});
  EXPECT_TRUE(has(out, "\r\nContent-Length: 5\r\n"));
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(WriteResponse, TellsWhetherTheConnectionStays) {
  EXPECT_FALSE(has(written({}), "\r\nConnection:"));
  EXPECT_TRUE(has(written({}, {.keep_alive = false}), "\r\nConnection: close\r\n"));
  EXPECT_TRUE(has(written({}, {.says_keep_alive = true}), "\r\nConnection: keep-alive\r\n"));
  const std::string closing = written({}, {.keep_alive = false, .says_keep_alive = true});
  EXPECT_FALSE(has(closing, "keep-alive"));
}

TEST(WriteResponse, AnUpgradeIsNotClosed) {
  Response response{.status = 101, .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}};
  response.upgrade = [](Upgraded) -> runtime::Awaitable<void> { co_return; };
  const std::string out = written(response, {.keep_alive = false});
  EXPECT_TRUE(has(out, "\r\nConnection: Upgrade\r\n"));
  EXPECT_FALSE(has(out, "close"));
}

TEST(ReasonPhrase, IsKnownForEveryStatusThatIsUsed) {
  EXPECT_EQ(reason_phrase(409), "Conflict");
  EXPECT_EQ(reason_phrase(413), "Payload Too Large");
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(504), "Gateway Timeout");
}

}  // namespace
}  // namespace http
