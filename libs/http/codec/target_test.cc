#include "http/codec/target.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace http {
namespace {

using Segments = std::vector<std::string>;

TEST(Target, IsTakenApartAndThenDecoded) {
  const Target target = parse_target("/api/a%2Fb/%E2%98%83?after=5&name=a%26b&empty=&flag").value();
  EXPECT_EQ(target.segments, (Segments{"api", "a/b", "\xE2\x98\x83"}));
  EXPECT_EQ(target.query_value("after"), "5");
  EXPECT_EQ(target.query_value("name"), "a&b");
  EXPECT_EQ(target.query_value("empty"), "");
  EXPECT_EQ(target.query_value("flag"), "");
  EXPECT_EQ(target.query_value("missing"), std::nullopt);
}

TEST(Target, NamesOfTheQueryMatchWithoutRegardToCaseAndTheFirstWins) {
  const Target target = parse_target("/?Limit=1&LIMIT=2").value();
  EXPECT_EQ(target.query_value("limit"), "1");
  EXPECT_EQ(target.query.size(), 2u);
}

TEST(Target, TheRootHasNoSegmentsAndATrailingSlashMakesAnEmptyOne) {
  EXPECT_TRUE(parse_target("/").value().segments.empty());
  EXPECT_EQ(parse_target("/a/").value().segments, (Segments{"a", ""}));
}

TEST(Target, MayBeAbsolute) {
  const Target target = parse_target("HTTP://example.org:5005/api/x?y=1").value();
  EXPECT_EQ(target.segments, (Segments{"api", "x"}));
  EXPECT_EQ(target.query_value("y"), "1");
}

TEST(Target, DotsAreTakenOutAsKestrelDoes) {
  EXPECT_EQ(parse_target("/a/../b").value().segments, (Segments{"b"}));
  EXPECT_EQ(parse_target("/./a/.").value().segments, (Segments{"a"}));
  EXPECT_EQ(parse_target("/../../%2e%2e/b/%2E").value().segments, (Segments{"b"}));
  EXPECT_EQ(parse_target("/a/...").value().segments, (Segments{"a", "..."}));
  EXPECT_EQ(parse_target("/a/..%2Fb").value().segments, (Segments{"a", "../b"}));
}

TEST(Target, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "*", "api", "//[", "/%", "/%4", "/%zz", "/a b", "/\x01", "/\xFF", "ftp://a/b", "/x#fragment"}) {
    const auto target = parse_target(text);
    if (!target) {
      EXPECT_EQ(target.error().code, base::ErrorCode::invalid) << text;
    } else {
      ADD_FAILURE() << text << " was read";
    }
  }
}

TEST(Target, WhatIsNotUtf8OnceDecodedIsRefused) {
  for (const char* text : {"/%FF", "/a?b=%C3", "/a?%ED%A0%80=1", "/%C0%AF"}) EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Target, AnyBytesAreReadOrRefused) {
  std::minstd_rand random(11);
  const std::string alphabet = "/%?&=+.:@[]#abAF09\xC3\xA9 ";
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "/";
    for (std::size_t length = random() % 12; text.size() < length;)
      text.push_back(alphabet[random() % alphabet.size()]);
    if (parse_target(text)) ++read;
  }
  EXPECT_GT(read, 1000);
}

TEST(EqualsIgnoringCase, IsAboutAsciiLetters) {
  EXPECT_TRUE(base::equals_ignoring_case("WebSocket", "websocket"));
  EXPECT_FALSE(base::equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(base::equals_ignoring_case("@", "`"));
  EXPECT_FALSE(base::equals_ignoring_case("[", "{"));
}

}  // namespace
}  // namespace http
