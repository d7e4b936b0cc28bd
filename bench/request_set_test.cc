#include "bench/request_set.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

namespace message_service::bench {
namespace {

TEST(RequestSet, MakesWholeRequests) {
  const RequestSet requests({.authority = "h:1", .path = "", .conversations = 3, .content_bytes = 5});
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests.request_line(2), "POST /api/conversations/bench-2/messages HTTP/1.1\r\n");
  const std::string rest(requests.rest());
  const std::size_t end_of_head = rest.find("\r\n\r\n");
  ASSERT_NE(end_of_head, std::string::npos);
  const std::string body = rest.substr(end_of_head + 4);
  EXPECT_EQ(rest.substr(0, end_of_head),
            "Host: h:1\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()));
  EXPECT_EQ(boost::json::parse(body).at("content").as_string(), "xxxxx");
  EXPECT_EQ(boost::json::parse(conversation_body(2)).at("id").as_string(), "bench-2");
}

TEST(RequestSet, AsksForAnotherPathWhenToldTo) {
  const RequestSet requests({.authority = "h:1", .path = "/bench/noop", .conversations = 3, .content_bytes = 0});
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests.request_line(0), "POST /bench/noop HTTP/1.1\r\n");
}

TEST(KeyLine, NeverRepeatsAcrossThreads) {
  KeyLine first(true), second(true);
  std::set<std::string> seen;
  for (int i = 0; i < 5000; ++i) {
    for (KeyLine* keys : {&first, &second}) {
      const std::string line(keys->next());
      EXPECT_TRUE(line.starts_with("Idempotency-Key: bench-"));
      EXPECT_TRUE(line.ends_with("\r\n"));
      EXPECT_TRUE(seen.insert(line).second) << line;
    }
  }
  EXPECT_EQ(KeyLine(false).next(), "");
}

}  // namespace
}  // namespace message_service::bench
