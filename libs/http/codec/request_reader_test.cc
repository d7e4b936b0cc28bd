#include "http/codec/request_reader.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace http {
namespace {

using State = RequestReader::State;

// Reads as a session does: bytes that the reader leaves stay before the next bytes.
class Feed {
 public:
  explicit Feed(const RequestLimits& limits = {}) : reader(limits) {}

  State operator()(std::string_view piece) {
    waiting_.append(piece);
    std::vector<char> exactly(waiting_.begin(), waiting_.end());  // so that a sanitizer sees a read beyond the end
    std::string_view input(exactly.data(), exactly.size());
    State state = reader.feed(input);
    if (state == State::head) state = reader.begin_body() ? reader.feed(input) : State::failed;
    waiting_ = std::string(input);
    return state;
  }
  const std::string& leftover() const { return waiting_; }

  RequestReader reader;

 private:
  std::string waiting_;
};

const std::string kPost =
    "POST /api/x?y=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
    "hello world";
const std::string kChunked =
    "POST /api/x?y=1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=\"value\"\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";

void expect_hello(const RequestReader& reader) {
  EXPECT_EQ(reader.method(), "POST");
  EXPECT_EQ(reader.target(), "/api/x?y=1");
  EXPECT_EQ(reader.value("host"), "localhost");
  EXPECT_EQ(reader.body(), "hello world");
  EXPECT_TRUE(reader.keep_alive());
}

unsigned status_of(const std::string& request, const RequestLimits& limits = {}) {
  Feed feed(limits);
  const State state = feed(request);
  if (state != State::failed) return 0;
  EXPECT_FALSE(feed.reader.failed_detail().empty());
  return feed.reader.failed_status();
}

std::string with_headers(const std::string& headers, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

TEST(RequestReader, ReadsARequestHoweverItIsCut) {
  for (const std::string& request : {kPost, kChunked}) {
    for (std::size_t cut = 0; cut <= request.size(); ++cut) {
      Feed feed;
      const State first = feed(request.substr(0, cut));
      ASSERT_NE(first, State::failed) << cut << ": " << feed.reader.failed_detail();
      ASSERT_EQ(first == State::complete, cut == request.size()) << cut;
      ASSERT_EQ(feed(request.substr(cut)), State::complete) << cut;
      expect_hello(feed.reader);
      ASSERT_TRUE(feed.leftover().empty());
    }
  }
}

TEST(RequestReader, ReadsARequestThatComesByteByByte) {
  for (const std::string& request : {kPost, kChunked}) {
    Feed feed;
    for (std::size_t i = 0; i + 1 < request.size(); ++i) {
      ASSERT_NE(feed(request.substr(i, 1)), State::complete) << i;
    }
    EXPECT_EQ(feed(request.substr(request.size() - 1)), State::complete);
    expect_hello(feed.reader);
  }
}

TEST(RequestReader, LeavesThePipelinedRequestAlone) {
  for (const std::string& request : {kPost, kChunked}) {
    Feed feed;
    ASSERT_EQ(feed(request + kPost + "GET"), State::complete);
    EXPECT_EQ(feed.leftover(), kPost + "GET");
    expect_hello(feed.reader);
    Feed next;
    ASSERT_EQ(next(feed.leftover()), State::complete);
    EXPECT_EQ(next.leftover(), "GET");
  }
}

TEST(RequestReader, ALongerBodyMayBeAllowedToOneTarget) {
  const auto status = [&](const std::string& target, const std::string& rest) {
    RequestReader reader({.body_bytes_max = 10});
    const std::string request = "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + rest;
    std::string_view input = request;
    EXPECT_EQ(reader.feed(input), State::head);
    if (!reader.begin_body(reader.target() == "/long" ? 20 : 0)) return reader.failed_status();
    return reader.feed(input) == State::complete ? 200 : reader.failed_status();
  };
  const std::string twenty(20, 'x');
  EXPECT_EQ(status("/long", "Content-Length: 20\r\n\r\n" + twenty), 200u);
  EXPECT_EQ(status("/long", "Content-Length: 21\r\n\r\n" + twenty), 413u);
  EXPECT_EQ(status("/other", "Content-Length: 20\r\n\r\n" + twenty), 413u);
  EXPECT_EQ(status("/other", "Content-Length: 10\r\n\r\n0123456789"), 200u);
  const std::string chunk = "a\r\n0123456789\r\n";
  EXPECT_EQ(status("/long", "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"), 200u);
  EXPECT_EQ(status("/long", "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk), 413u);
  EXPECT_EQ(status("/other", "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk), 413u);
}

TEST(RequestReader, TheBodyIsNotReadBeforeItMayBegin) {
  RequestReader reader(RequestLimits{});
  std::string_view input = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc";
  EXPECT_EQ(reader.feed(input), State::head);
  EXPECT_EQ(input, "abc");
  EXPECT_EQ(reader.feed(input), State::head);
  EXPECT_EQ(reader.body_bytes(), 3u);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_TRUE(reader.begin_body());
  EXPECT_EQ(reader.feed(input), State::complete);
  EXPECT_EQ(reader.body(), "abc");
}

// For a request that was answered from its head.
TEST(RequestReader, ABodyOfKnownLengthIsSkippedAndKeptNowhere) {
  const auto begins_skipping = [](const std::string& headers, RequestReader& reader) {
    const std::string head = with_headers(headers);
    std::string_view input = head;
    return reader.feed(input) == State::head && reader.begin_skipping_body();
  };
  const RequestLimits limits{.body_bytes_max = 10};
  RequestReader reader(limits);
  ASSERT_TRUE(begins_skipping("Content-Length: 10\r\n", reader));
  std::string_view input = "01234";
  EXPECT_EQ(reader.feed(input), State::reading_body);
  EXPECT_EQ(reader.body(), "");
  input = "56789GET";
  EXPECT_EQ(reader.feed(input), State::complete);
  EXPECT_EQ(input, "GET");
  for (const char* headers :
       {"Content-Length: 11\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\nExpect: 100-continue\r\n"}) {
    RequestReader too_long(limits);
    EXPECT_FALSE(begins_skipping(headers, too_long)) << headers;
  }
}

TEST(RequestReader, KnowsWhoWantsToStay) {
  const auto stays = [](const std::string& request) {
    Feed feed;
    EXPECT_EQ(feed(request), State::complete);
    return feed.reader.keep_alive();
  };
  EXPECT_TRUE(stays("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(stays("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(stays("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(stays("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, OldClientsNeedNoHostAndExpectNothing) {
  Feed feed;
  EXPECT_EQ(feed("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"), State::complete);
  EXPECT_TRUE(feed.reader.is_http_1_0());
  EXPECT_FALSE(feed.reader.expects_continue());
}

TEST(RequestReader, AnAmbiguousLengthIsRefused) {
  for (const char* headers : {
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length:\r\n",
           "Content-Length: 99999999999999999999999\r\n",
       }) {
    EXPECT_EQ(status_of(with_headers(headers, "hello")), 400u) << headers;
  }
}

TEST(RequestReader, OtherEncodingsAreNotKnown) {
  for (const char* headers : {"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: xchunked\r\n"}) {
    const unsigned status = status_of(with_headers(headers, "0\r\n\r\n"));
    EXPECT_TRUE(status == 501 || status == 400) << headers << status;
  }
}

TEST(RequestReader, AnHttp10MessageHasNoTransferEncoding) {
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400u);
}

TEST(RequestReader, ATrailerNeverBecomesAHeader) {
  Feed feed;
  const std::string trailers =
      "Authorization: Bearer x\r\nHost: evil\r\nIdempotency-Key: k\r\nOrigin: https://evil\r\n";
  EXPECT_EQ(feed(with_headers("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n" + trailers + "\r\n")),
            State::complete);
  EXPECT_EQ(feed.reader.all().size(), 2u);
  EXPECT_EQ(feed.reader.value("Authorization"), "");
  EXPECT_EQ(feed.reader.host(), "a");
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: chunked\r\n", "0\r\nno colon\r\n\r\n")), 400u);
}

TEST(RequestReader, ChunksAreFramedStrictly) {
  const auto status = [](const std::string& body) {
    return status_of(with_headers("Transfer-Encoding: chunked\r\n", body));
  };
  EXPECT_EQ(status("3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n"), 0u);
  EXPECT_EQ(status("0003\r\nabc\r\n0;x\r\n\r\n"), 0u);
  for (const char* body :
       {"3\nabc\r\n0\r\n\r\n", "3;a\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "\r\nabc", "0x3\r\nabc\r\n0\r\n\r\n", "-1\r\n", "g\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "3\rx", "0\r\n\n", "3;\x01\r\nabc\r\n0\r\n\r\n"}) {
    EXPECT_EQ(status(body), 400u) << body;
  }
}

TEST(RequestReader, TheAuthorityOfAnAbsoluteTargetIsTheHost) {
  const auto host = [](const std::string& target, const std::string& header) {
    Feed feed;
    return feed("GET " + target + " HTTP/1.1\r\nHost: " + header + "\r\n\r\n") == State::complete
               ? std::string(feed.reader.host())
               : "refused " + std::to_string(feed.reader.failed_status());
  };
  EXPECT_EQ(host("/x", "a:1"), "a:1");
  EXPECT_EQ(host("http://b/x", "a"), "b");
  EXPECT_EQ(host("http://b:8080", "a"), "b:8080");
  EXPECT_EQ(host("/x?u=http://b/", "a"), "a");
  EXPECT_EQ(host("http://u@b/x", "a"), "refused 400");
  EXPECT_EQ(host("http:///x", "a"), "refused 400");
  EXPECT_EQ(host("http://b/x", "a/b"), "refused 400");
}

TEST(RequestReader, ExactlyOneHostIsNeeded) {
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400u);
}

TEST(RequestReader, WhatIsNoHttpIsRefused) {
  for (const char* request :
       {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / \r\nHost: a\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    const unsigned status = status_of(request);
    EXPECT_TRUE(status == 400 || status == 505) << request << " gave " << status;
  }
}

TEST(RequestReader, ABodyMayBeAsLongAsTheLimitAndNoLonger) {
  const RequestLimits limits{.body_bytes_max = 10};
  EXPECT_EQ(status_of(with_headers("Content-Length: 10\r\n", "0123456789"), limits), 0u);
  EXPECT_EQ(status_of(with_headers("Content-Length: 11\r\n"), limits), 413u) << "before the body comes";
  EXPECT_EQ(status_of(with_headers("Content-Length: 99999999999\r\n"), limits), 413u);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(status_of(with_headers(chunked, "a\r\n0123456789\r\n0\r\n\r\n"), limits), 0u);
  EXPECT_EQ(status_of(with_headers(chunked, "a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n"), limits), 413u);
  EXPECT_EQ(status_of(with_headers(chunked, "fffffffffffffff\r\n"), limits), 413u);
}

TEST(RequestReader, HeadersAndTargetHaveLimits) {
  const RequestLimits limits{.head = {.line_bytes_max = 100, .header_bytes_max = 1000}};
  EXPECT_EQ(status_of(with_headers("X: " + std::string(1000, 'x') + "\r\n"), limits), 431u);
  EXPECT_EQ(status_of("GET /" + std::string(84, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits), 0u);
  EXPECT_EQ(status_of("GET /" + std::string(85, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414u);
}

// Feeds pieces until the reader refuses; returns how many bytes went in.
std::size_t endless(const std::string& start, const std::string& piece, unsigned status) {
  const RequestLimits limits{.head = {.line_bytes_max = 1000, .header_bytes_max = 1000}, .body_bytes_max = 1000};
  Feed feed(limits);
  State state = feed(start);
  std::size_t fed = start.size();
  while (fed < 100'000 && state != State::failed) {
    state = feed(piece);
    fed += piece.size();
    EXPECT_TRUE(state == State::failed || feed.leftover().empty());
  }
  EXPECT_EQ(state, State::failed);
  EXPECT_EQ(feed.reader.failed_status(), status);
  return fed;
}

TEST(RequestReader, NothingThatNeverEndsIsCollectedForEver) {
  const std::string chunked = with_headers("Transfer-Encoding: chunked\r\n");
  EXPECT_LE(endless("GET /", "aaaaaaaaaa", 414), 2000u);
  EXPECT_LE(endless("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 431), 2000u);
  EXPECT_LE(endless("GET / HTTP/1.1\r\nHost: a\r\nX: ", "aaaaaaaaaa", 431), 2000u);
  EXPECT_LE(endless(chunked + "1;", "extension=", 413), 2000u) << "a chunk's extension";
  EXPECT_LE(endless(chunked + "0", "0000000000", 413), 2000u) << "a chunk's size";
  EXPECT_LE(endless(chunked + "0\r\nX: ", "aaaaaaaaaa", 431), 2000u) << "a trailer";
  EXPECT_LE(endless(chunked, "1\r\nx\r\n", 413), 7000u) << "the body itself";
}

TEST(RequestReader, AnyMutationIsReadOrRefusedAndNeverMore) {
  std::minstd_rand random(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string request = round % 2 == 0 ? kPost : kChunked;
    for (int i = 0; i < 3; ++i) request[random() % request.size()] = static_cast<char>(random());
    Feed feed;
    const std::size_t cut = random() % request.size();
    State state = feed(request.substr(0, cut));
    if (state != State::failed && state != State::complete) state = feed(request.substr(cut));
    if (state == State::failed) {
      EXPECT_GE(feed.reader.failed_status(), 400u);
      ++refused;
    } else if (state == State::complete) {
      EXPECT_LE(feed.reader.body().size(), request.size());
    }
  }
  EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace http
