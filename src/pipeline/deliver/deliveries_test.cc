#include "pipeline/deliver/deliveries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/deliver/recent_senders.h"

namespace message_service {
namespace {

// No test touches a member, so any address can be one.
Subscriber* member(std::size_t number) { return reinterpret_cast<Subscriber*>(number * alignof(std::max_align_t)); }

SharedAnnouncement announcement(const std::string& conversation_id, std::uint64_t sequence, std::size_t bytes = 100) {
  return std::make_shared<Announcement>(conversation_id, sequence, bytes);
}

class DeliveriesTest : public testing::Test {
 protected:
  ~DeliveriesTest() override { shard.stop(); }

  // On the shard's thread.
  template <class Work>
  void run(Work work) {
    std::promise<void> done;
    boost::asio::post(shard.executor(), [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  // Before anything else.
  template <class Work>
  void run_on_start(Work work) {
    boost::asio::post(shard.executor(), [work] { work(); });
    shard.start();
    run([] {});
  }

  void run_until(const std::function<bool()>& condition) {
    for (bool is_so = false; !is_so;) run([&] { is_so = condition(); });
  }

  void visit(const Room& room, std::span<const Room::Member> visited) {
    for (const Room::Member& one : visited) {
      for (std::uint64_t n = room.begin(); n < room.pass_end(); ++n) {
        received[{room.conversation_id(), one.subscriber}].push_back(room.at(n).sequence);
      }
      order.push_back(room.conversation_id());
    }
  }

  std::map<std::string, std::size_t> members;
  std::map<std::pair<std::string, Subscriber*>, std::vector<std::uint64_t>> received;
  std::vector<std::string> order;  // one entry for each visit of a member
  std::vector<std::shared_ptr<Room>> refills;
  ConversationBacklog backlog;
  runtime::Shard shard{0};
  Deliveries deliveries{shard,
                        backlog,
                        {.messages = 10, .bytes = 10'000},
                        {.list_live_members =
                             [this](const Room& room, std::vector<Room::Member>& live) {
                               for (std::size_t n = 1; n <= members[room.conversation_id()]; ++n) {
                                 live.push_back({member(n), 0});
                               }
                             },
                         .deliver_pass = [this](const Room& room, auto visited) { visit(room, visited); },
                         .refill = [this](std::shared_ptr<Room> room) { refills.push_back(std::move(room)); }}};
};

TEST_F(DeliveriesTest, EveryMemberGetsEverythingOnceAndInOrder) {
  members["room"] = 100;
  shard.start();
  for (std::uint64_t n = 1; n <= 200; ++n) {
    run([&] { deliveries.announce(announcement("room", n)); });
    if (n % 10 == 0) run_until([&] { return deliveries.room_of("room").is_empty(); });
  }
  std::vector<std::uint64_t> all(200);
  std::iota(all.begin(), all.end(), 1);
  ASSERT_EQ(received.size(), 100u);
  for (const auto& [who, sequences] : received) EXPECT_EQ(sequences, all);
}

TEST_F(DeliveriesTest, ARoomWithManyMembersDelaysNeitherOthersNorTheShardsOtherWork) {
  members["large"] = 5000;
  members["small"] = 3;
  std::size_t visits_before_other_work = 0;
  run_on_start([&] {
    for (std::uint64_t n = 1; n <= 5; ++n) deliveries.announce(announcement("large", n));
    deliveries.announce(announcement("small", 1));
    boost::asio::post(shard.executor(), [&] { visits_before_other_work = order.size(); });
  });
  run_until([&] { return deliveries.room_of("large").is_empty(); });
  EXPECT_EQ(order.size(), 5003u) << "what waits is sent in one pass";
  EXPECT_LE(visits_before_other_work, 300u);
  const auto first_small = std::ranges::find(order, "small") - order.begin();
  EXPECT_LE(first_small, 50);
}

TEST_F(DeliveriesTest, ALongBacklogIsToldUntilHalfOfItIsGone) {
  members["room"] = 40;  // more than one turn
  run_on_start([&] {
    for (std::uint64_t n = 1; n <= 10; ++n) deliveries.announce(announcement("room", n));
    EXPECT_FALSE(backlog.is_long("room"));
    deliveries.announce(announcement("room", 11));
    EXPECT_TRUE(backlog.is_long("room"));
    EXPECT_FALSE(backlog.is_long("other"));
  });
  run_until([&] { return deliveries.room_of("room").is_empty(); });
  EXPECT_FALSE(backlog.is_long("room"));
  run([&] {
    deliveries.announce(announcement("room", 12, 11'000));
    EXPECT_TRUE(backlog.is_long("room")) << "in bytes";
    deliveries.close("room");
  });
  EXPECT_FALSE(backlog.is_long("room")) << "nobody is there any more";
}

TEST_F(DeliveriesTest, ALargeRoomMayHaveFewerMessagesAndSendsManyToFewMembersInATurn) {
  members["room"] = 250;
  run_on_start([&] { deliveries.announce(announcement("room", 1)); });
  run_until([&] { return deliveries.room_of("room").is_empty(); });
  std::size_t visits_before_other_work = 0;
  run([&] {
    order.clear();
    deliveries.announce(announcement("room", 2));
    deliveries.announce(announcement("room", 3));
    EXPECT_FALSE(backlog.is_long("room"));
    deliveries.announce(announcement("room", 4, 5000));
    EXPECT_TRUE(backlog.is_long("room")) << "three messages for 250 members";
    boost::asio::post(shard.executor(), [&] { visits_before_other_work = order.size(); });
  });
  run_until([&] { return deliveries.room_of("room").is_empty(); });
  EXPECT_EQ(order.size(), 250u);
  EXPECT_LE(visits_before_other_work, 25u) << "long messages take longer";
  EXPECT_FALSE(backlog.is_long("room"));
}

TEST_F(DeliveriesTest, BeyondTwiceTheLimitTheRestIsReadFromTheStore) {
  members["room"] = 40;
  run_on_start([&] {
    for (std::uint64_t n = 1; n <= 30; ++n) deliveries.announce(announcement("room", n));
    const Room& room = deliveries.room_of("room");
    EXPECT_TRUE(room.is_behind);
    EXPECT_EQ(room.size(), 21u);
    EXPECT_EQ(room.queued(), 21u);
    EXPECT_EQ(room.announced(), 30u);
    EXPECT_EQ(refills.size(), 1u);
  });
  run_until([&] { return deliveries.room_of("room").is_empty(); });
  run([&] {
    for (std::uint64_t n = 22; n <= 30; ++n) deliveries.add(refills[0], announcement("room", n));
    refills[0]->is_behind = false;
    deliveries.announce(announcement("room", 31));
  });
  run_until([&] { return deliveries.room_of("room").is_empty(); });
  std::vector<std::uint64_t> all(31);
  std::iota(all.begin(), all.end(), 1);
  for (const auto& [who, sequences] : received) EXPECT_EQ(sequences, all);
}

TEST_F(DeliveriesTest, ARoomThatClosesInTheMiddleOfAPassSendsNothingMore) {
  members["room"] = 1000;
  members["other"] = 1;
  run_on_start([&] {
    deliveries.announce(announcement("room", 1));
    boost::asio::post(shard.executor(), [&] {
      deliveries.close("room");
      order.clear();
    });
  });
  run([&] { deliveries.announce(announcement("other", 1)); });
  run_until([&] { return deliveries.room_of("other").is_empty(); });
  EXPECT_EQ(order, std::vector<std::string>{"other"});
}

TEST(DeliveryCredits, TheFanOutWaitsForWhatIsUnderWay) {
  const auto credits = std::make_shared<DeliveryCredits>(2, 1000);
  int waited = 0;
  const auto before_waiting = [&] { ++waited; };
  auto large = std::make_unique<DeliveryCredits::Permit>(credits->take(5000, before_waiting));
  EXPECT_EQ(waited, 0) << "one alone has room, however long it is";
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    large.reset();
  });
  auto first = credits->take(400, before_waiting);
  EXPECT_EQ(waited, 1);
  other.join();
  auto second = std::make_unique<DeliveryCredits::Permit>(credits->take(400, before_waiting));
  EXPECT_EQ(waited, 1);
  std::thread last([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    second.reset();
  });
  auto third = credits->take(100, before_waiting);
  EXPECT_EQ(waited, 2);
  last.join();
}

class NoClient final : public Subscriber {
  void send(const Announcement& /*announcement*/) override {}
  bool offer(const Announcement& /*announcement*/) override { return true; }
  std::size_t egress_bytes() const override { return 0; }
  void close_as_slow() override {}
  bool is_open() const override { return true; }
  std::string person() const override { return {}; }
  void removed_from(const std::string& /*conversation_id*/) override {}
};

TEST(RecentSenders, GivesTheLastSenderOnceOnItsShardAndForgetsTheOldest) {
  RecentSenders senders(2 * 16);  // two of each last byte
  const auto id = [](std::uint8_t number) { return ObjectIdBytes{number}; };
  const auto first = std::make_shared<NoClient>();
  const auto second = std::make_shared<NoClient>();
  senders.remember(id(1), {0, first});
  senders.remember(id(1), {1, second});
  EXPECT_FALSE(senders.take(id(1), 0)) << "the later one is the sender";
  const auto sender = senders.take(id(1), 1);
  ASSERT_TRUE(sender);
  EXPECT_EQ(sender->subscriber.lock(), second);
  EXPECT_FALSE(senders.take(id(1), 1));
  senders.remember(id(2), {0, first});
  senders.remember(id(3), {0, first});
  senders.remember(id(4), {0, first});
  EXPECT_FALSE(senders.take(id(2), 0));
  EXPECT_TRUE(senders.take(id(3), 0));
  EXPECT_TRUE(senders.take(id(4), 0));
}

}  // namespace
}  // namespace message_service
