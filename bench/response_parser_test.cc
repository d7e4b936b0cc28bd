#include "bench/response_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace message_service::bench {
namespace {

using State = ResponseParser::State;

const std::string accepted =
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\ncontent-LENGTH:  15 \r\n\r\n{\"status\":\"OK\"}";

// Feeds the text in two parts; returns how many bytes were taken.
std::size_t feed_cut(ResponseParser& parser, std::string_view text, std::size_t cut) {
  const std::size_t first = parser.feed(text.substr(0, cut));
  if (first < cut) return first;
  return first + parser.feed(text.substr(cut));
}

TEST(ResponseParser, FindsStatusAndEndWhereverTheBytesAreCut) {
  for (std::size_t cut = 0; cut <= accepted.size(); ++cut) {
    ResponseParser parser;
    EXPECT_EQ(feed_cut(parser, accepted, cut), accepted.size()) << cut;
    EXPECT_EQ(parser.state(), State::complete) << cut;
    EXPECT_EQ(parser.status(), 202) << cut;
    EXPECT_TRUE(parser.keep_alive()) << cut;
  }
}

TEST(ResponseParser, ReadsOneByteAtATimeAndIsReusable) {
  ResponseParser parser;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < accepted.size(); ++i) {
      EXPECT_NE(parser.state(), State::complete) << i;
      EXPECT_EQ(parser.feed(std::string_view(accepted).substr(i, 1)), 1u);
    }
    EXPECT_EQ(parser.state(), State::complete);
    parser.reset();
  }
}

TEST(ResponseParser, LeavesWhatFollowsTheResponse) {
  ResponseParser parser;
  EXPECT_EQ(parser.feed(accepted + "HTTP/1.1 200"), accepted.size());
  EXPECT_EQ(parser.state(), State::complete);
}

TEST(ResponseParser, KnowsResponsesWithoutABody) {
  for (const std::string text : {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                                 "HTTP/1.1 200\nContent-Length: 0\n\n"}) {
    ResponseParser parser;
    EXPECT_EQ(parser.feed(text), text.size());
    EXPECT_EQ(parser.state(), State::complete) << text;
  }
}

TEST(ResponseParser, WaitsForTheFinalResponseAfterAnInterimOne) {
  const std::string text = "HTTP/1.1 100 Continue\r\n\r\n" + accepted;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ResponseParser parser;
    EXPECT_EQ(feed_cut(parser, text, cut), text.size()) << cut;
    EXPECT_EQ(parser.state(), State::complete) << cut;
    EXPECT_EQ(parser.status(), 202) << cut;
  }
}

TEST(ResponseParser, SeesThatTheServerWillClose) {
  for (const char* head : {"HTTP/1.1 503 Service Unavailable\r\nConnection: Close\r\n", "HTTP/1.0 200 OK\r\n"}) {
    ResponseParser parser;
    parser.feed(std::string(head) + "Content-Length: 2\r\n\r\nno");
    EXPECT_EQ(parser.state(), State::complete) << head;
    EXPECT_FALSE(parser.keep_alive()) << head;
  }
}

TEST(ResponseParser, CallsTheRestMalformed) {
  const std::vector<std::string> wrong = {
      "SSH-2.0-OpenSSH\r\n",
      "HTTP/2.0 200 OK\r\n",
      "HTTP/1.1 2x2 OK\r\n",
      "HTTP/1.1 999 OK\r\n",
      "HTTP/1.1 2022 OK\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(5000, 'x'),
  };
  for (const std::string& text : wrong) {
    for (const std::size_t cut : {text.size(), text.size() / 2, std::size_t{1}}) {
      ResponseParser parser;
      feed_cut(parser, text, cut);
      EXPECT_EQ(parser.state(), State::malformed) << text << cut;
    }
  }
}

TEST(ResponseParser, BoundsTheWholeHead) {
  ResponseParser parser;
  parser.feed("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 1000; ++i) parser.feed("X-Filler: " + std::string(100, 'x') + "\r\n");
  EXPECT_EQ(parser.state(), State::malformed);
}

}  // namespace
}  // namespace message_service::bench
