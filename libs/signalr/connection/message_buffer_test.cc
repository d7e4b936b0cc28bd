#include "signalr/connection/message_buffer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace signalr {
namespace {

runtime::SharedBytes bytes(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

TEST(MessageBuffer, CountsCallsItemsAndCompletionsOnly) {
  EXPECT_TRUE(is_numbered(Invocation()));
  EXPECT_TRUE(is_numbered(StreamItem()));
  EXPECT_TRUE(is_numbered(Completion()));
  EXPECT_TRUE(is_numbered(StreamInvocation()));
  EXPECT_TRUE(is_numbered(CancelInvocation()));
  EXPECT_FALSE(is_numbered(Ping()));
  EXPECT_FALSE(is_numbered(Close()));
  EXPECT_FALSE(is_numbered(Ack()));
  EXPECT_FALSE(is_numbered(Sequence()));
}

TEST(SentMessages, AreKeptUntilTheyAreAcknowledged) {
  SentMessages sent;
  EXPECT_EQ(sent.sequence(), 1) << "the next one ever";
  for (const char* text : {"a", "bb", "ccc"}) sent.add(bytes(text));
  EXPECT_EQ(sent.sequence(), 1);
  EXPECT_EQ(sent.bytes(), 6u);
  EXPECT_TRUE(sent.acknowledge(2));
  EXPECT_EQ(sent.sequence(), 3);
  EXPECT_EQ(sent.bytes(), 3u);
  EXPECT_EQ(*sent.messages().front(), "ccc");
  EXPECT_TRUE(sent.acknowledge(1)) << "an old one, again";
  EXPECT_EQ(sent.sequence(), 3);
  EXPECT_TRUE(sent.acknowledge(3));
  EXPECT_EQ(sent.sequence(), 4) << "one behind the last, when nothing is left";
  EXPECT_EQ(sent.bytes(), 0u);
}

TEST(SentMessages, StandInsTakeTheNumbersThatMayNotBeCounted) {
  SentMessages sent;
  for (const char* text : {"a", "bb", "ccc"}) sent.add(bytes(text));
  EXPECT_TRUE(sent.acknowledge(1));
  sent.begin_again();
  EXPECT_EQ(sent.placeholders(), 0);
  EXPECT_TRUE(sent.acknowledge(3)) << "it may have seen them on the socket before";
  sent.begin_again();
  EXPECT_EQ(sent.sequence(), 2);
  EXPECT_EQ(sent.placeholders(), 2);
  EXPECT_TRUE(sent.messages().empty());
  sent.add(bytes("dddd"));
  sent.add(bytes("eeeee"));
  EXPECT_TRUE(sent.acknowledge(4));
  EXPECT_EQ(sent.sequence(), 5) << "seen on this socket";
  EXPECT_EQ(sent.placeholders(), 0);
  EXPECT_EQ(sent.messages().size(), 1u);
}

TEST(SentMessages, StandInsAreBounded) {
  SentMessages sent;
  for (int n = 1; n <= 1'200; ++n) {
    sent.add(bytes("x"));
    sent.begin_again();
    EXPECT_TRUE(sent.acknowledge(n));
  }
  EXPECT_EQ(sent.placeholders(), 1'000);
  EXPECT_EQ(sent.sequence(), 201);
}

TEST(SentMessages, MoreThanWasSentCannotBeAcknowledged) {
  SentMessages sent;
  sent.add(bytes("a"));
  EXPECT_FALSE(sent.acknowledge(2));
  EXPECT_FALSE(sent.acknowledge(std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(sent.acknowledge(0));
  EXPECT_TRUE(sent.acknowledge(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(sent.sequence(), 1);
  EXPECT_EQ(sent.bytes(), 1u);
}

TEST(ReceivedMessages, WhatComesTwiceIsTakenOnceAndAcknowledgedAgain) {
  ReceivedMessages received;
  EXPECT_FALSE(received.is_ack_due());
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(received.take(10));
  EXPECT_TRUE(received.is_ack_due());
  EXPECT_EQ(received.last(), 3);
  received.acknowledged();
  received.await_sequence();
  EXPECT_TRUE(received.begin_at(2));
  EXPECT_FALSE(received.is_awaiting_sequence());
  EXPECT_FALSE(received.take(10));
  EXPECT_TRUE(received.is_ack_due());
  EXPECT_FALSE(received.take(10));
  EXPECT_EQ(received.last(), 3);
  EXPECT_TRUE(received.take(10));
  EXPECT_EQ(received.last(), 4);
}

TEST(ReceivedMessages, AGapAndNonsenseAreRefused) {
  ReceivedMessages received;
  EXPECT_TRUE(received.take(1));
  for (const std::int64_t wrong :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_FALSE(received.begin_at(wrong)) << wrong;
  }
  EXPECT_TRUE(received.begin_at(2));
  EXPECT_TRUE(received.begin_at(1));
}

TEST(ReceivedMessages, ManyBytesAreAcknowledgedBeforeTheClientStops) {
  ReceivedMessages received;
  EXPECT_TRUE(received.take(24'000));
  EXPECT_FALSE(received.is_ack_due_soon());
  EXPECT_TRUE(received.take(1'000));
  EXPECT_TRUE(received.is_ack_due_soon());
  received.acknowledged();
  EXPECT_FALSE(received.is_ack_due_soon());
}

// Counts as Microsoft's clients do, see SentMessages.
class CountingClient {
 public:
  void begin_at(std::int64_t sequence) {
    ASSERT_LE(sequence, next_) << "it would close the connection";
    next_ = sequence;
  }
  bool take() {
    const bool is_new = next_ > latest_;
    if (is_new) latest_ = next_;
    ++next_;
    return is_new;
  }
  std::int64_t latest() const { return latest_; }

 private:
  std::int64_t next_ = 1;
  std::int64_t latest_ = 0;
};

// Two ends, and a line that loses everything on it at random moments.
TEST(MessageBuffer, NothingIsLostAndNothingComesTwiceHoweverOftenTheLineBreaks) {
  std::mt19937 random(7);
  const runtime::SharedBytes stand_in = bytes("");
  SentMessages sent;
  CountingClient client;
  std::deque<runtime::SharedBytes> line;
  std::optional<std::int64_t> sequence;  // on the line, before all others
  std::vector<std::string> arrived;
  int produced = 0;
  while (arrived.size() < 20'000) {
    const auto draw = random() % 256;
    if (draw == 0) {  // the line breaks
      sent.begin_again();
      sequence = sent.sequence();
      line.assign(static_cast<std::size_t>(sent.placeholders()), stand_in);
      line.insert(line.end(), sent.messages().begin(), sent.messages().end());
    } else if (draw < 16) {
      ASSERT_TRUE(sent.acknowledge(client.latest()));
    } else if (draw < 96) {
      sent.add(bytes(std::to_string(produced++)));
      line.push_back(sent.messages().back());
    } else if (sequence) {
      ASSERT_NO_FATAL_FAILURE(client.begin_at(*sequence));
      sequence.reset();
    } else if (!line.empty()) {
      if (client.take()) {
        ASSERT_NE(line.front(), stand_in);
        arrived.push_back(*line.front());
      }
      line.pop_front();
    }
  }
  for (std::size_t n = 0; n < arrived.size(); ++n) ASSERT_EQ(arrived[n], std::to_string(n));
}

}  // namespace
}  // namespace signalr
