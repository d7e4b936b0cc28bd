// A hub with clients on two shards, in one process: tests the work that crosses threads, for the sanitizers above all.
// tests/wire tests with real clients what clients see.
#include "signalr/hub/hub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "signalr/connection/long_polling_connection.h"
#include "signalr/hub/hub_connection.h"
#include "signalr/protocol/json_protocol.h"
#include "signalr/protocol/text_record.h"

namespace signalr {
namespace {

using std::chrono::seconds;
using Texts = std::vector<std::string>;

constexpr int kClients = 6;
const JsonProtocol kJson;

// A client of the hub that polls. Used by the test's thread; its connection lives on the shard.
class Polling {
 public:
  Polling(runtime::Shard& shard, const Hub& hub, int number, const std::string& user) : shard_(shard) {
    // The two constructors read the shard's clock.
    const auto make = [&] {
      transport_ = std::make_shared<LongPollingConnection>(
          shard, "c" + std::to_string(number),
          OpeningRequest{.transport = Transport::long_polling, .user = User{.id = user}}, transport_options_);
      connection_ = std::make_shared<HubConnection>(transport_, hub, options_, observer_);
    };
    boost::asio::post(shard.executor(), boost::asio::use_future(make)).get();
    ended_ = boost::asio::co_spawn(shard.executor(), connection_->run(), boost::asio::use_future);
    poll();  // opens the transport
    write(R"({"protocol":"json","version":1})");
    EXPECT_EQ(poll(), "{}\x1E");
  }

  void write(std::string record) {
    record.push_back(kRecordSeparator);
    post(std::move(record));
  }
  void write(const HubMessage& message) { post(kJson.write(message)); }

  // The next message.
  HubMessage message() {
    while (true) {
      std::string_view rest = received_;
      auto message = kJson.parse(rest, {});
      EXPECT_TRUE(message);
      received_.erase(0, received_.size() - rest.size());
      if (*message) return std::move(**message);
      received_.append(poll());
    }
  }

  // Calls a method and waits for its answer. Meanwhile collects the server's calls, and answers 7 to those with an id.
  Completion invoke(const std::string& target, std::vector<Value> arguments) {
    write(Invocation{.target = target, .arguments = std::move(arguments), .invocation_id = "i"});
    while (true) {
      HubMessage next = message();
      if (auto* completion = std::get_if<Completion>(&next)) return std::move(*completion);
      take(std::get<Invocation>(next));
    }
  }

  // The collected texts, after `count` have arrived.
  Texts take_said(std::size_t count) {
    while (said_.size() < count) take(std::get<Invocation>(message()));
    return std::exchange(said_, {});
  }

  void answer_next() { take(std::get<Invocation>(message())); }

  void stop() {
    write(Close{});
    ASSERT_EQ(ended_.wait_for(seconds(10)), std::future_status::ready);
  }

 private:
  void post(std::string bytes) {
    const auto receive = [&] { transport_->receive(std::move(bytes), nullptr); };
    boost::asio::post(shard_.executor(), boost::asio::use_future(receive)).get();
  }

  void take(const Invocation& call) {
    if (call.invocation_id.empty()) {
      said_.push_back(*call.arguments.at(0).if_string());
    } else {
      write(Completion{.invocation_id = call.invocation_id, .outcome = Value(7)});
    }
  }

  std::string poll() {
    return boost::asio::co_spawn(shard_.executor(), transport_->poll(std::make_shared<LongPollingConnection::Poll>()),
                                 boost::asio::use_future)
        .get()
        .body;
  }

  runtime::Shard& shard_;
  const TransportOptions transport_options_;
  const ConnectionOptions options_;
  const ConnectionObserver observer_;
  std::shared_ptr<LongPollingConnection> transport_;
  std::shared_ptr<HubConnection> connection_;
  std::future<void> ended_;
  std::string received_;
  Texts said_;
};

class HubTest : public testing::Test {
 protected:
  HubTest() {
    hub.on("All", [](const Context& context, const std::string& text) { context.all().send("Said", text); });
    hub.on("Group", [](const Context& context, const std::string& text) { context.group("even").send("Said", text); });
    hub.on("User", [](const Context& context, const std::string& text) { context.user("odd").send("Said", text); });
    hub.on("One", [](const Context& context, const std::string& id, const std::string& text) {
      context.client(id).send("Said", text);
    });
    hub.on("Join", [](const Context& context) { context.join_group("even"); });
    hub.on("Ask", [](const Context& context, const std::string& id) { return context.client(id).invoke<int>("Give"); });
    hub.on_disconnected([this](const Context&) { ++gone; });
    for (const auto& shard : shards) shard->start();
    for (int i = 0; i < kClients; ++i) {
      clients.push_back(std::make_unique<Polling>(shards[i / 2 % 2], hub, i, i % 2 == 0 ? "even" : "odd"));
      if (i % 2 == 0) clients.back()->invoke("Join", {});
    }
  }
  ~HubTest() override {
    for (const auto& client : clients) client->stop();
    EXPECT_EQ(gone, kClients);
    EXPECT_EQ(hub.clients().find("c0"), nullptr);
    for (const auto& shard : shards) shard->stop();
  }

  Hub hub;
  std::atomic<int> gone = 0;
  runtime::Shards shards{2};
  std::vector<std::unique_ptr<Polling>> clients;
};

TEST_F(HubTest, AMessageReachesItsAudienceOnEveryShard) {
  clients[0]->invoke("All", {"to all"});
  clients[1]->invoke("Group", {"to even"});
  clients[2]->invoke("User", {"to odd"});
  clients[3]->invoke("One", {"c5", "to the fifth"});
  for (int i = 0; i < kClients; ++i) {
    Texts expected{"to all", i % 2 == 0 ? "to even" : "to odd"};
    if (i == 5) expected.emplace_back("to the fifth");
    Texts said = clients[i]->take_said(expected.size());
    std::ranges::sort(said);
    std::ranges::sort(expected);
    EXPECT_EQ(said, expected) << i;
  }
}

TEST_F(HubTest, WhatOneThreadSendsComesInItsOrder) {
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) {
    const std::string text = std::to_string(i);
    if (i % 2 == 0) hub.clients().all().send("Said", text);
    if (i % 2 == 1) hub.clients().group("even").send("Said", text);
  }
  const Texts said = clients[2]->take_said(count);
  for (int i = 0; i < count; ++i) EXPECT_EQ(said[i], std::to_string(i));
}

TEST_F(HubTest, AGroupIsJoinedFromAnywhere) {
  hub.clients().add_to_group("c1", "late");
  hub.clients().add_to_group("c3", "late");
  hub.clients().add_to_group("nobody", "late");
  hub.clients().remove_from_group("c1", "late");
  hub.clients().group("late").send("Said", "hello");
  hub.clients().all().send("Said", "end");
  EXPECT_EQ(clients[3]->take_said(2), (Texts{"hello", "end"}));
  EXPECT_EQ(clients[1]->take_said(1), (Texts{"end"}));
}

TEST_F(HubTest, AClientOfAnotherShardIsAsked) {
  clients[0]->write(Invocation{.target = "Ask", .arguments = {"c2"}, .invocation_id = "i"});
  clients[2]->answer_next();
  EXPECT_EQ(std::get<Completion>(clients[0]->message()).outcome, Outcome(Value(7)));
  EXPECT_EQ(clients[4]->invoke("Ask", {"c4"}).outcome, Outcome(Value(7))) << "or itself";
}

TEST_F(HubTest, SendersOnManyThreadsLoseNothing) {
  constexpr int count = 100;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < count; ++i) {
        hub.clients().user("odd").send("Said", "x");
        hub.clients().client("c1").send("Said", "y");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clients[1]->take_said(2 * 3 * count).size(), 2u * 3u * count);
  EXPECT_EQ(clients[5]->take_said(3 * count).size(), 3u * count);
}

}  // namespace
}  // namespace signalr
