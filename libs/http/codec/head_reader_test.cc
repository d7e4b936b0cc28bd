#include "http/codec/head_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

using Head = HeadReader::State;

Head read(HeadReader& reader, std::string_view text) {
  std::string_view input = text;
  return reader.feed(input);
}

unsigned head_status(std::string_view text, const HeadLimits& limits = {}) {
  HeadReader reader(limits);
  return read(reader, text) == Head::failed ? reader.refusal().status : 0;
}

TEST(HeadReader, TakesAHeadApart) {
  HeadReader reader({});
  std::string_view input = "PATCH /a?b HTTP/1.0\r\nHost:a\r\nX-Y:\t z z \t\r\nEmpty:\r\n\r\nrest";
  EXPECT_EQ(reader.feed(input), Head::complete);
  EXPECT_EQ(input, "rest");
  EXPECT_EQ(reader.method(), "PATCH");
  EXPECT_EQ(reader.target(), "/a?b");
  EXPECT_TRUE(reader.is_http_1_0());
  ASSERT_EQ(reader.size(), 3u);
  EXPECT_EQ(reader[1].name, "X-Y");
  EXPECT_EQ(reader[1].value, "z z");
  EXPECT_EQ(reader[2].value, "");
}

TEST(HeadReader, EmptyLinesBeforeARequestAreSkipped) {
  HeadReader reader({});
  EXPECT_EQ(read(reader, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Head::complete);
  EXPECT_EQ(reader.method(), "GET");
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "\r\n";
  EXPECT_EQ(head_status(many), 414u) << "and not for ever";
}

TEST(HeadReader, EachLineMustEndInCrLf) {
  EXPECT_EQ(head_status("GET / HTTP/1.1\nHost: a\n\n"), 400u);
  EXPECT_EQ(head_status("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"), 400u);
  EXPECT_EQ(head_status("\nGET / HTTP/1.1\r\n"), 400u);
  EXPECT_EQ(head_status("GET / HTTP/1.1\rX: y\r\n"), 400u);
}

TEST(HeadReader, AHeaderMayNotGoOverSeveralLines) {
  EXPECT_EQ(head_status("GET / HTTP/1.1\r\nX: y\r\n z\r\n"), 400u);
  EXPECT_EQ(head_status("GET / HTTP/1.1\r\nX: y\r\n\tz\r\n"), 400u);
  EXPECT_EQ(head_status("GET / HTTP/1.1\r\n X: y\r\n"), 400u);
}

TEST(HeadReader, WhatIsNoHeadIsRefused) {
  for (const char* text :
       {"GET\r\n", "GET /\r\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET /a b HTTP/1.1\r\n",
        "GET\t/\tHTTP/1.1\r\n", "G(T / HTTP/1.1\r\n", "GET /\x7F HTTP/1.1\r\n", "GET /\xC3\xA9 HTTP/1.1\r\n",
        "GET / HTPP/1.1\r\n", "GET / HTTP/1.1x\r\n", "GET / HTTP/1.1\r\nno colon\r\n", "GET / HTTP/1.1\r\n: y\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n", "GET / HTTP/1.1\r\nX: a\x01z\r\n", "GET / HTTP/1.1\r\n\xE9: y\r\n"}) {
    EXPECT_EQ(head_status(text), 400u) << text;
  }
  EXPECT_EQ(head_status("\x16\x03\x01"), 400u) << "TLS, before any line has ended";
  EXPECT_EQ(head_status("GET / HTTP/2.0\r\n"), 505u);
  EXPECT_EQ(head_status("GET / HTTP/1.2\r\n"), 505u);
  EXPECT_EQ(head_status("GET / HTTP/1.1\r\nX: \xC3\xA9\r\n\r\n"), 0u) << "values may have any byte above ASCII";
}

TEST(HeadReader, EachLimitIsTheLastThatIsTaken) {
  const HeadLimits limits{.line_bytes_max = 100, .header_bytes_max = 200, .headers_max = 3};
  const auto line = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - std::string_view("GET / HTTP/1.1\r\n").size(), 'a') + " HTTP/1.1\r\n";
  };
  const auto header = [](std::size_t bytes) { return "X: " + std::string(bytes - 7, 'y') + "\r\n\r\n"; };
  EXPECT_EQ(head_status(line(100) + "\r\n", limits), 0u);
  EXPECT_EQ(head_status(line(101) + "\r\n", limits), 414u);
  EXPECT_EQ(head_status(std::string(101, 'A'), limits), 414u) << "before the line ends";
  EXPECT_EQ(head_status(line(50) + header(200), limits), 0u);
  EXPECT_EQ(head_status(line(50) + header(201), limits), 431u);
  EXPECT_EQ(head_status(line(50) + std::string(201, 'X'), limits), 431u) << "before the line ends";
  EXPECT_EQ(head_status(line(50) + "A: b\r\nC: d\r\nE: f\r\n\r\n", limits), 0u);
  EXPECT_EQ(head_status(line(50) + "A: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\n", limits), 431u);
}

TEST(ValidHost, IsWhatKestrelTakes) {
  for (const char* host :
       {"", "a", "a_b.c", "a:80", "a:99999", "~a", "a..b", "a!b", "[::1]", "[::1]:80", "[2001:DB8::1.2.3.4]:1"}) {
    EXPECT_TRUE(is_valid_host(host)) << host;
  }
  for (const char* host : {"a b", "a,b",        "a/b",  "u@a", "\xC3\xA9", "a:80:90", "a:x",  "a:",  "a*",  "a+b",
                           "a;b", "[::1%eth0]", "[::1", "[]",  "[::1]x",   "[g::]",   "a\\b", "a?b", "a#b", "a%41"}) {
    EXPECT_FALSE(is_valid_host(host)) << host;
  }
}

TEST(HasToken, LooksAtEachItem) {
  EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(has_token("close", "Close"));
  EXPECT_TRUE(has_token(",, close\t,", "close"));
  EXPECT_FALSE(has_token("closed", "close"));
  EXPECT_FALSE(has_token("", "close"));
}

}  // namespace
}  // namespace http
