#include "canary/canary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "api/hub_announcement.h"
#include "model/canary.h"
#include "pipeline/deliver/fanout.h"
#include "pipeline/persist/persister.h"
#include "runtime/blocking_pool.h"
#include "support/cpp/metric_samples.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using embedded::eventually;
using embedded::sample_of;
using std::chrono::milliseconds;

// The way of a message within one node, without its transports. The store and the hub's side begin when a test says so.
class CanaryTest : public testing::Test {
 protected:
  CanaryTest() {
    for (const auto& shard : shards_) shard->start();
  }
  ~CanaryTest() override {
    if (canary_) canary_->stop();
    folder_->log_writer().drain();
    persister_.stop(std::chrono::seconds(10));
    fanout_.stop();
    pool_.stop();
    for (const auto& shard : shards_) shard->stop();
  }

  void start_canary(milliseconds interval) {
    const Canary::Parts parts{.ingress = ingress_,
                              .delivery = delivery_,
                              .shards = shards_,
                              .store = folder_->store(),
                              .reader = folder_->store_reader(),
                              .blocking = blocking_,
                              .metrics = metrics_,
                              .limits = limits_};
    canary_.emplace(parts, Canary::Options{.interval = interval});
  }

  int sample(const std::string& name) {
    canary_->show();
    return sample_of(metrics_, name);
  }
  int posts() { return sample(R"(canary_posts_total{outcome="ok"})"); }
  int delivered() { return sample("canary_delivered_total"); }

  Metrics metrics_;
  embedded::TemporaryEmbedded folder_;
  runtime::BlockingPool pool_{2, 1000};
  base::BlockingExecutor blocking_ = [this](std::function<void()> work) { return pool_.submit(std::move(work)); };
  runtime::Shards shards_{2};
  Limits limits_;
  ConversationDirectory conversations_{folder_->store_reader(), blocking_, {}};
  ConversationBacklog backlog_;
  Ingress ingress_{{.log = folder_->log_writer(),
                    .store = folder_->store(),
                    .events = folder_->event_log(),
                    .store_reader = folder_->store_reader(),
                    .blocking = blocking_,
                    .backlog = &backlog_},
                   conversations_,
                   {}};
  Persister persister_{{folder_->log_reader(), folder_->log_writer(), folder_->event_log(), folder_->store(),
                        folder_->store_reader(), conversations_, metrics_},
                       {}};
  const api::HubAnnouncements announcements_{false};
  Delivery delivery_{shards_,
                     {.conversations = conversations_,
                      .store = folder_->store_reader(),
                      .blocking = blocking_,
                      .backlog = backlog_,
                      .announcements = announcements_},
                     {}};
  Fanout fanout_{folder_->event_source(), delivery_, metrics_};
  std::optional<Canary> canary_;
};

TEST_F(CanaryTest, PostsHearsAndReadsItsMessagesAndTimesThem) {
  persister_.start();
  fanout_.start();
  start_canary(milliseconds(1));
  ASSERT_TRUE(eventually([&] { return delivered() >= 20; }));
  canary_->stop();
  std::this_thread::sleep_for(milliseconds(100));  // a look-up of its key may come before the last append
  const auto timed = [&](const char* stage) {
    return sample(R"(canary_duration_seconds_count{stage=")" + std::string(stage) + R"("})");
  };
  ASSERT_TRUE(eventually([&] { return timed("delivered") == posts() && timed("accepted") == posts(); }));
  const int posted = posts();
  EXPECT_EQ(delivered(), posted) << "the last one arrives too";
  EXPECT_GE(timed("read"), posted - 1);
  EXPECT_EQ(sample("canary_lost_total"), 0);
  EXPECT_EQ(sample("canary_waiting_seconds"), 0);
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(posts(), posted) << "it is stopped";
}

TEST_F(CanaryTest, WhenNothingIsDeliveredItPostsNoFurtherOneAndSaysSinceWhen) {
  persister_.start();
  start_canary(milliseconds(1));
  ASSERT_TRUE(eventually([&] { return sample("canary_waiting_seconds") >= 1; })) << "whole seconds";
  EXPECT_EQ(posts(), 1);
  EXPECT_EQ(delivered(), 0);
  fanout_.start();
  ASSERT_TRUE(eventually([&] { return delivered() >= 3; }));
  EXPECT_EQ(sample("canary_waiting_seconds"), 0);
  EXPECT_EQ(sample("canary_lost_total"), 0);
}

TEST_F(CanaryTest, KeepsItsConversationShort) {
  persister_.start();
  fanout_.start();
  start_canary(milliseconds(1));
  StoreReader& reader = folder_->store_reader();
  const std::string id(kCanaryConversation);
  std::size_t most = 0;
  const base::SteadyTime end = base::SteadyClock::now() + std::chrono::minutes(2);
  while (reader.last_sequence(id).value() < 1500 && base::SteadyClock::now() < end) {
    most = std::max(most, reader.page(id, {.limit = 5000}).value().rows.size());
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_GE(reader.last_sequence(id).value(), 1500u);
  EXPECT_GT(most, 500u);
  EXPECT_LE(most, 1000u);
}

}  // namespace
}  // namespace message_service
