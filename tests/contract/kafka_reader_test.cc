// The Kafka log's reading side where it differs from others: groups, commits, outages of the store.
#include <map>
#include <mutex>
#include <numeric>

#include "adapters/kafka/operators/inspect.h"
#include "contract/kafka_broker.h"
#include "support/cpp/total_lag.h"

namespace message_service::contract {

namespace {

std::uint64_t committed_lag(const kafka::Options& options) {
  const auto lag = kafka::Inspector::open(options).value()->group_lag().value();
  return std::accumulate(lag.begin(), lag.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const kafka::GroupLag& of) { return sum + of.lag; });
}

std::vector<ConsumedRecord> read(LogReader& reader, std::size_t records) {
  std::vector<ConsumedRecord> all;
  for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(10);
       all.size() < records && base::SteadyClock::now() < end;) {
    auto polled = reader.poll(records - all.size(), base::SteadyClock::now() + std::chrono::milliseconds(100)).value();
    if (polled.start_over) all.clear();
    for (ConsumedRecord& record : polled.records) all.push_back(std::move(record));
  }
  return all;
}

// Reads and commits on a thread of its own, as a persister would, until it is told to stop.
class Consumer {
 public:
  explicit Consumer(std::unique_ptr<LogReader> reader) : reader_(std::move(reader)), thread_([this] { run(); }) {}
  ~Consumer() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    reader_->interrupt();
    thread_.join();
    reader_.reset();
  }

  std::size_t partitions() const { return reader_->lag().size(); }
  std::atomic<bool> committing = true;
  std::atomic<int> starts_over = 0;
  std::atomic<std::size_t> delivered = 0;

  std::map<Position, std::string> stored() {
    const std::scoped_lock lock(mutex_);
    return stored_;
  }

 private:
  void run() {
    Progress progress;
    std::vector<ConsumedRecord> batch;
    while (!stopping_) {
      auto polled = reader_->poll(100, base::SteadyClock::now() + std::chrono::milliseconds(50)).value();
      if (polled.start_over) {
        ++starts_over;
        batch.clear();
        progress = {};
      }
      for (ConsumedRecord& consumed : polled.records) {
        ++delivered;
        progress.advance_to(consumed.position);
        batch.push_back(std::move(consumed));
      }
      if (!committing || batch.empty()) continue;
      {
        const std::scoped_lock lock(mutex_);
        for (ConsumedRecord& consumed : batch) stored_[consumed.position] = consumed.record.value;
      }
      EXPECT_TRUE(reader_->commit(progress));
      batch.clear();
    }
  }

  std::unique_ptr<LogReader> reader_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<Position, std::string> stored_;
  std::thread thread_;
};

}  // namespace

class KafkaReader : public KafkaTest {};

TEST_F(KafkaReader, WhatIsDoneIsCommittedWhenTheReaderEnds) {
  options.partitions = 1;
  connect();
  append_numbers(0, 10);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(read(*reader, 10).size(), 10u);
  Progress progress;
  progress.advance_to({.partition = 0, .offset = 4});
  ASSERT_TRUE(reader->commit(progress));
  EXPECT_EQ(total_lag(*reader), 5u);
  reader.reset();
  EXPECT_EQ(committed_lag(options), 5u);
  reader = kafka->make_log_reader().value();
  const auto again = read(*reader, 5);
  ASSERT_EQ(again.size(), 5u);
  EXPECT_EQ(again[0].position.offset, 5);
}

TEST_F(KafkaReader, CommitsNeitherBackwardsNorBeyondWhatItDelivered) {
  options.partitions = 1;
  connect();
  append_numbers(0, 10);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(read(*reader, 3).size(), 3u);
  for (const std::int64_t offset : {2, 0, 7}) {
    Progress progress;
    progress.advance_to({.partition = 0, .offset = offset});
    ASSERT_TRUE(reader->commit(progress));
  }
  Progress elsewhere;
  elsewhere.advance_to({.partition = 5, .offset = 1});
  ASSERT_TRUE(reader->commit(elsewhere));
  reader.reset();
  EXPECT_EQ(committed_lag(options), 7u);
}

TEST_F(KafkaReader, CommitsSoonWhileItRuns) {
  connect();
  append_numbers(0, 50);
  Consumer consumer(kafka->make_log_reader().value());
  EXPECT_TRUE(eventually([&] { return consumer.stored().size() == 50; }));
  EXPECT_TRUE(eventually([&] { return committed_lag(options) == 0; }));
}

TEST_F(KafkaReader, ASecondReaderTakesItsShareAndNothingIsLost) {
  options.partitions = 4;
  connect();
  append_numbers(0, 200);
  Consumer first(kafka->make_log_reader().value());
  first.committing = false;
  ASSERT_TRUE(eventually([&] { return first.delivered >= 200; }));
  const int started_over = first.starts_over;

  Consumer second(kafka->make_log_reader().value());
  ASSERT_TRUE(eventually([&] { return first.partitions() == 2 && second.partitions() == 2; }));
  EXPECT_TRUE(eventually([&] { return first.starts_over == started_over + 1; }))
      << "what it had read and not committed was taken from it";
  first.committing = true;
  append_numbers(200, 300);
  ASSERT_TRUE(eventually([&] { return first.stored().size() + second.stored().size() == 300; }));
  EXPECT_FALSE(first.stored().empty());
  EXPECT_FALSE(second.stored().empty());

  second.stop();
  ASSERT_TRUE(eventually([&] { return first.partitions() == 4; }));
  append_numbers(300, 320);
  std::map<Position, std::string> all = second.stored();
  EXPECT_TRUE(eventually([&] {
    const auto stored = first.stored();
    all.insert(stored.begin(), stored.end());
    return all.size() == 320;
  }));
  first.stop();
  EXPECT_EQ(committed_lag(options), 0u);
}

TEST_F(KafkaReader, KeepsItsPartitionsAndItsPlaceWhileTheStoreIsAway) {
  options.partitions = 1;
  options.client["max.poll.interval.ms"] = "6000";  // as short as the session may be
  connect();
  append_numbers(0, 20);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(read(*reader, 5).size(), 5u);
  for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(7);
       base::SteadyClock::now() < end;) {
    reader->keep_alive();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  append_numbers(20, 30);
  EXPECT_TRUE(eventually([&] {
    reader->keep_alive();
    return total_lag(*reader) == 30;
  })) << "the lag is told during the outage, too";

  std::vector<ConsumedRecord> rest;
  while (rest.size() < 25) {
    auto polled = reader->poll(1000, base::SteadyClock::now() + std::chrono::seconds(5)).value();
    ASSERT_FALSE(polled.start_over);
    ASSERT_FALSE(polled.records.empty());
    for (auto& record : polled.records) rest.push_back(std::move(record));
  }
  for (std::size_t i = 0; i < rest.size(); ++i) {
    EXPECT_EQ(rest[i].position.offset, static_cast<std::int64_t>(i + 5));
  }
}

TEST_F(KafkaReader, WhatIsDealtOutAnewWhileTheStoreIsAwayIsReadOn) {
  options.partitions = 2;
  connect();
  auto first = kafka->make_log_reader().value();
  await_partitions(*first, options);
  const Consumer second(kafka->make_log_reader().value());
  ASSERT_TRUE(eventually([&] {
    first->keep_alive();
    return first->lag().size() == 1;
  })) << "half of them are the second one's";
  append_numbers(0, 100);
  EXPECT_EQ(read(*first, 1).size(), 1u) << "the store is back";
}

TEST_F(KafkaReader, LatestStartsAtTheEndAndEarliestAtTheBeginning) {
  connect();
  append_numbers(0, 10);
  options.auto_offset_reset = kafka::OffsetReset::latest;
  options.group_id += "-latest";
  const auto late = kafka::Kafka::connect(options).value();
  auto reader = late->make_log_reader().value();
  await_partitions(*reader, options);
  EXPECT_EQ(total_lag(*reader), 0u);
  append_numbers(10, 11);
  EXPECT_EQ(read(*reader, 1).at(0).record.value, "10");
}

TEST_F(KafkaReader, AnOutageOfTheBrokerIsNoErrorAndEndsByItself) {
  OwnBroker broker;
  options.bootstrap_servers = broker.servers();
  options.partitions = 1;
  connect();
  append_numbers(0, 3);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(read(*reader, 3).size(), 3u);
  broker.kill();
  for (int i = 0; i < 10; ++i) {
    const auto polled = reader->poll(10, base::SteadyClock::now() + std::chrono::milliseconds(100));
    ASSERT_TRUE(polled);
    EXPECT_TRUE(polled->records.empty());
  }
  broker.restart();
  ASSERT_TRUE(eventually([&] { return kafka->healthy(); }));
  append_numbers(3, 6);
  bool over = false;
  std::size_t records = 0;
  EXPECT_TRUE(eventually([&] {
    const auto polled = reader->poll(10, base::SteadyClock::now() + std::chrono::milliseconds(100)).value();
    over = over || polled.start_over;
    records = (polled.start_over ? 0 : records) + polled.records.size();
    return records == (over ? 6u : 3u);
  })) << records;
}

}  // namespace message_service::contract
