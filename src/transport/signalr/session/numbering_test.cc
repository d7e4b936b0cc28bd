#include "transport/signalr/session/numbering.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace message_service::signalr {
namespace {

SharedBytes bytes(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

TEST(Numbering, CountsCallsItemsAndCompletionsOnly) {
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
  EXPECT_EQ(sent.first(), 1) << "the next one ever";
  for (const char* text : {"a", "bb", "ccc"}) sent.add(bytes(text));
  EXPECT_EQ(sent.first(), 1);
  EXPECT_EQ(sent.bytes(), 6u);
  EXPECT_TRUE(sent.acknowledge(2));
  EXPECT_EQ(sent.first(), 3);
  EXPECT_EQ(sent.bytes(), 3u);
  EXPECT_EQ(*sent.messages().front(), "ccc");
  EXPECT_TRUE(sent.acknowledge(1)) << "an old one, again";
  EXPECT_EQ(sent.first(), 3);
  EXPECT_TRUE(sent.acknowledge(3));
  EXPECT_EQ(sent.first(), 4) << "one behind the last, when nothing is left";
  EXPECT_EQ(sent.bytes(), 0u);
}

TEST(SentMessages, MoreThanWasSentCannotBeAcknowledged) {
  SentMessages sent;
  sent.add(bytes("a"));
  EXPECT_FALSE(sent.acknowledge(2));
  EXPECT_FALSE(sent.acknowledge(std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(sent.acknowledge(0));
  EXPECT_TRUE(sent.acknowledge(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(sent.first(), 1);
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

// Two ends and a line that loses whatever is on it, at random moments.
TEST(Numbering, NothingIsLostAndNothingComesTwiceHoweverOftenTheLineBreaks) {
  std::mt19937 random(7);
  SentMessages sent;
  ReceivedMessages received;
  std::vector<SharedBytes> line;
  std::vector<std::string> arrived;
  int produced = 0;
  while (arrived.size() < 2'000) {
    switch (random() % 8) {
      case 0:  // the line breaks; the other end says where it goes on
        line.assign(sent.messages().begin(), sent.messages().end());
        received.await_sequence();
        ASSERT_TRUE(received.begin_at(sent.first()));
        break;
      case 1:
        ASSERT_TRUE(sent.acknowledge(received.last()));
        break;
      case 2:
      case 3:
      case 4:
        sent.add(bytes(std::to_string(produced++)));
        line.push_back(sent.messages().back());
        break;
      default:
        if (line.empty()) break;
        if (received.take(line.front()->size())) arrived.push_back(*line.front());
        line.erase(line.begin());
    }
  }
  for (std::size_t n = 0; n < arrived.size(); ++n) ASSERT_EQ(arrived[n], std::to_string(n));
}

}  // namespace
}  // namespace message_service::signalr
