// The log's promises, for every adapter: LogWriter and LogReader.
#include <atomic>
#include <thread>

#include "contract/adapter.h"
#include "support/cpp/total_lag.h"

namespace message_service::contract {

class Log : public AdapterTest {};
INSTANTIATE_FOR_EVERY_ADAPTER(Log);

LogRecord record(const std::string& value) {
  return {.key = "conv-1", .value = value, .headers = {{"correlation-id", "c"}}, .timestamp = 1769509800000};
}

// A log may keep a time of its own: no clock of ours says how long a record lives.
LogRecord without_time(LogRecord record) {
  record.timestamp = 0;
  return record;
}

TEST_P(Log, GivesBackWhatWasAppendedInOrder) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(append(record(std::to_string(i))));
  const auto records = read(100);
  ASSERT_EQ(records.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(without_time(records[static_cast<std::size_t>(i)].record), without_time(record(std::to_string(i))));
    EXPECT_EQ(records[static_cast<std::size_t>(i)].position.offset, i);
  }
}

TEST_P(Log, KeepsAnyBytes) {
  LogRecord odd = record(std::string("\0\xFF\n", 3));
  odd.key = std::string("k\0y", 3);
  odd.headers = {{"", ""}, {"name", std::string("\0", 1)}};
  ASSERT_TRUE(append(odd));
  EXPECT_EQ(without_time(read(1).at(0).record), without_time(odd));
}

TEST_P(Log, ReturnsEachRecordOnceAndNoMoreThanAskedFor) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(record(std::to_string(i))));
  for (int next = 0; next < 5;) {
    const auto records = poll(2);
    ASSERT_FALSE(records.empty());
    ASSERT_LE(records.size(), 2u);
    for (const auto& consumed : records) EXPECT_EQ(consumed.record.value, std::to_string(next++));
  }
}

TEST_P(Log, PollWaitsForTheDeadlineWhenThereIsNothing) {
  const base::SteadyTime started = base::SteadyClock::now();
  const auto records = adapter->log_reader().poll(10, started + std::chrono::milliseconds(50));
  ASSERT_TRUE(records);
  EXPECT_TRUE(records->records.empty());
  EXPECT_GE(base::SteadyClock::now() - started, std::chrono::milliseconds(50));
}

TEST_P(Log, PollWakesForARecordAndForAnInterrupt) {
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    (void)append(record("x"));
  });
  const base::SteadyTime started = base::SteadyClock::now();
  const auto patient = [&] { return adapter->log_reader().poll(1000, started + std::chrono::seconds(30)).value(); };
  EXPECT_EQ(patient().records.size(), 1u);
  writer.join();
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    adapter->log_reader().interrupt();
  });
  EXPECT_TRUE(patient().records.empty());
  interrupter.join();
  EXPECT_LT(base::SteadyClock::now() - started, std::chrono::seconds(20));
}

TEST_P(Log, UncommittedRecordsComeAgainAfterARestart) {
  const auto first = appended(message("conv-1", "a", "1"));
  const auto second = appended(message("conv-1", "b", "2"));
  ASSERT_EQ(read(2).size(), 2u);
  EXPECT_EQ(total_lag(adapter->log_reader()), 2u);
  ASSERT_TRUE(adapter->commit(batch_of({first})));
  EXPECT_EQ(total_lag(adapter->log_reader()), 1u);
  adapter->reopen();
  const auto records = read(1);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].position, second.message.position());
  EXPECT_EQ(total_lag(adapter->log_reader()), 1u);
}

TEST_P(Log, AppendsOfManyThreadsAllArriveAndEachThreadsOrderHolds) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  std::atomic<int> durable = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        adapter->log_writer().append_record(
            {.key = std::to_string(t), .value = std::to_string(i)}, {},
            [&](const base::Result<Receipt>& receipt) { durable += receipt.has_value() ? 1 : 0; });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  adapter->log_writer().drain();
  EXPECT_EQ(durable, kThreads * kEach);
  std::vector<int> next(kThreads, 0);
  for (int read = 0; read < kThreads * kEach;) {
    for (const auto& consumed : poll()) {
      EXPECT_EQ(std::stoi(consumed.record.value), next[std::stoul(consumed.record.key)]++);
      ++read;
    }
  }
}

TEST_P(Log, RefusesAfterDrain) {
  adapter->log_writer().drain();
  const auto refused = append(record("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::refused);
}

}  // namespace message_service::contract
