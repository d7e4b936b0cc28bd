#include "pipeline/deliver/fanout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using embedded::admitted_of;
using embedded::eventually;
using Texts = std::vector<std::string>;

class RecordingSink final : public EventSink {
 public:
  void listen_to(const std::string& conversation_id) {
    const std::scoped_lock lock(mutex_);
    listened_.insert(conversation_id);
  }
  bool wants(std::string_view conversation_id) const override {
    const std::scoped_lock lock(mutex_);
    return listened_.contains(std::string(conversation_id));
  }
  void deliver(std::vector<Event> events) override {
    const std::scoped_lock lock(mutex_);
    empty_deliveries_ += events.empty() ? 1 : 0;
    for (const Event& event : events) {
      if (const auto* sent = std::get_if<MessageSent>(&event)) {
        delivered_.push_back(sent->stored.message().content);
      } else {
        const auto& rejected = std::get<MessageRejected>(event);
        delivered_.push_back(rejected.temporary_message_id + " rejected: " + rejected.reason);
      }
    }
  }
  void missed() override { ++missed_; }
  void missed_in(const std::string& conversation_id) override {
    const std::scoped_lock lock(mutex_);
    delivered_.push_back("missed in " + conversation_id);
  }
  int missed_count() const { return missed_; }
  Texts delivered() const {
    const std::scoped_lock lock(mutex_);
    return delivered_;
  }
  int empty_deliveries() const {
    const std::scoped_lock lock(mutex_);
    return empty_deliveries_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> listened_;
  Texts delivered_;
  int empty_deliveries_ = 0;
  std::atomic<int> missed_ = 0;
};

class FanoutTest : public testing::Test {
 protected:
  void start() {
    fanout = std::make_unique<Fanout>(adapter->event_source(), sink, metrics);
    fanout->start();
  }

  // Stored, in one batch.
  void store(const std::string& conversation_id, const Texts& contents) {
    Batch batch;
    const Position position = adapter.append({.key = conversation_id, .value = "stands for all of them"});
    batch.progress.advance_to(position);
    for (const std::string& content : contents) {
      const Admitted admitted = admitted_of(conversation_id, "key of " + content, content);
      batch.items.push_back({Appended(position, admitted), wire::requested_record(admitted.message())});
    }
    (void)adapter->store().commit(batch).value();
  }

  embedded::TemporaryEmbedded adapter;
  RecordingSink sink;
  Metrics metrics;
  std::unique_ptr<Fanout> fanout;
};

TEST_F(FanoutTest, DeliversInTheOrderOfTheStore) {
  sink.listen_to("conv-1");
  start();
  store("conv-1", {"1", "2"});
  ASSERT_TRUE(eventually([&] { return sink.delivered().size() == 2; }));
  store("conv-1", {"3"});
  ASSERT_TRUE(eventually([&] { return sink.delivered().size() == 3; }));
  EXPECT_EQ(sink.delivered(), (Texts{"1", "2", "3"}));
  EXPECT_NE(metrics.expose().find("message_service_end_to_end_seconds_count{stage=\"broadcast\"} 3"),
            std::string::npos);
}

TEST_F(FanoutTest, WhatNobodyListensToIsNotDelivered) {
  sink.listen_to("conv-2");
  start();
  store("conv-1", {"1"});
  store("conv-2", {"2"});
  ASSERT_TRUE(eventually([&] { return !sink.delivered().empty(); }));
  sink.listen_to("conv-1");
  store("conv-1", {"3"});
  ASSERT_TRUE(eventually([&] { return sink.delivered().size() == 2; }));
  EXPECT_EQ(sink.delivered(), (Texts{"2", "3"})) << "what was passed over does not come again";
  EXPECT_EQ(sink.empty_deliveries(), 0);
}

TEST_F(FanoutTest, TellsOfRejections) {
  sink.listen_to("conv-1");
  start();
  const LogRecord record{.key = "conv-1", .value = "bad"};
  Batch batch;
  const Position position = adapter.append(record);
  batch.progress.advance_to(position);
  batch.dead_letters.push_back({.source = {position, record},
                                .reason = DeadReason::invalid,
                                .error = "content is missing",
                                .rejection = MessageRejected{"conv-1", "a", "content is missing"}});
  (void)adapter->store().commit(batch).value();
  ASSERT_TRUE(eventually([&] { return !sink.delivered().empty(); }));
  EXPECT_EQ(sink.delivered(), Texts{"a rejected: content is missing"});
}

TEST_F(FanoutTest, StopDeliversWhatIsThereAndNothingAfterIt) {
  sink.listen_to("conv-1");
  Texts many;
  for (int i = 0; i < 2500; ++i) many.push_back(std::to_string(i));  // more than one read takes
  store("conv-1", many);
  start();
  fanout->stop();
  EXPECT_EQ(sink.delivered(), many);
  store("conv-1", {"late"});
  EXPECT_EQ(sink.delivered().size(), 2500u);
  fanout->stop();
}

TEST_F(FanoutTest, WhatWasStoredBeforeTheServiceBeganIsHistory) {
  sink.listen_to("conv-1");
  store("conv-1", {"before"});
  adapter.reopen();
  start();
  store("conv-1", {"after"});
  ASSERT_TRUE(eventually([&] { return !sink.delivered().empty(); }));
  fanout->stop();
  EXPECT_EQ(sink.delivered(), Texts{"after"});
}

TEST_F(FanoutTest, StopDoesNotWaitForTheIdleWait) {
  auto shortest = base::SteadyClock::duration::max();
  for (int round = 0; round < 3; ++round) {  // the machine may be busy in one
    fanout.reset();
    adapter.reopen();  // an interrupted source waits no more
    start();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const base::SteadyTime started = base::SteadyClock::now();
    fanout->stop();
    shortest = std::min<base::SteadyClock::duration>(shortest, base::SteadyClock::now() - started);
  }
  EXPECT_LT(shortest, std::chrono::milliseconds(700));
}

}  // namespace
}  // namespace message_service
