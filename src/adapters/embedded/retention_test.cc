#include "adapters/embedded/retention.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/embedded/group_commit_writer.h"
#include "adapters/embedded/store_writers.h"
#include "adapters/embedded/temporary_embedded.h"
#include "adapters/embedded/topic_reader.h"

namespace message_service::embedded {
namespace {

constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 40;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { open({}); }

  // The parts of the adapter that retention is about; its own thread sleeps for the whole test.
  struct Parts {
    Parts(std::unique_ptr<Database> opened, const Options& options)
        : database(std::move(opened)),
          writer(*database, options),
          committer(*database),
          events(*database),
          retention(*database, events, options) {}
    std::unique_ptr<Database> database;
    GroupCommitWriter writer;
    EmbeddedBatchCommitter committer;
    EmbeddedEventSource events;
    Retention retention;
  };

  void open(Options options) {
    parts.reset();
    options.retention_interval = std::chrono::hours(24);
    parts = std::make_unique<Parts>(Database::open(folder.path() / "data").value(), options);
  }

  // Appended at the given time; the next `append()`s follow each other.
  void append(int count, Timestamp written_at, std::size_t bytes = 100) {
    std::promise<void> durable;
    for (int i = 0; i < count; ++i) {
      const auto handler = [&durable, last = i + 1 == count](const Result<Receipt>&) {
        if (last) durable.set_value();
      };
      parts->writer.append({.key = "k", .value = std::string(bytes, 'v'), .headers = {}, .timestamp = written_at},
                           handler);
    }
    durable.get_future().wait();
  }

  void commit_up_to(std::int64_t offset) {
    Batch batch;
    batch.progress.advance_to({.partition = 0, .offset = offset});
    (void)parts->committer.commit(batch).value();
  }

  // Stores messages, which puts as many events onto the sent topic.
  void store(int count) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      const std::string key = "key-" + std::to_string(stored++);
      batch.items.push_back({Appended({}, admitted_of("conv-1", key, key)), {}});
    }
    (void)parts->committer.commit(batch).value();
  }
  void fan_out() {
    (void)parts->events.poll(1000, SteadyClock::now(), [](std::string_view) { return false; }).value();
  }

  // To the table files, whose sizes are known well.
  void flush(Table topic) { ASSERT_TRUE(parts->database->db().Flush({}, parts->database->table(topic)).ok()); }

  std::int64_t first(Table topic = Table::requested) { return first_offset(*parts->database, topic).value(); }
  std::int64_t end(Table topic = Table::requested) { return parts->database->end(topic).next(); }

  // Everything from the first on can be read, without a hole.
  void expect_whole(Table topic = Table::requested) {
    const auto records = read_raw(*parts->database, topic, first(topic), end(topic));
    ASSERT_TRUE(records) << records.error().text;
  }

  const Timestamp now = wall_now();
  const Timestamp old = now - std::chrono::milliseconds(std::chrono::hours(2)).count();
  const Options one_hour{.retention_age_max = std::chrono::hours(1), .retention_bytes_max = kUnlimited};

  TemporaryFolder folder;
  std::unique_ptr<Parts> parts;
  int stored = 0;
};

TEST_F(RetentionTest, LetsGoOfOldRecordsAndKeepsYoungOnes) {
  open(one_hour);
  append(30, old);
  append(20, now);
  commit_up_to(49);
  parts->retention.enforce();
  EXPECT_EQ(first(), 30);
  EXPECT_EQ(end(), 50);
  expect_whole();
  parts->retention.enforce();
  EXPECT_EQ(first(), 30);
}

TEST_F(RetentionTest, RecordsThatHaveNotTakenEffectStayHoweverOld) {
  open(one_hour);
  append(50, old);
  parts->retention.enforce();
  EXPECT_EQ(first(), 0) << "nothing is committed";
  commit_up_to(19);
  parts->retention.enforce();
  EXPECT_EQ(first(), 20);
  expect_whole();
}

TEST_F(RetentionTest, TheLastRecordStaysAndOffsetsGoOnAfterARestart) {
  open(one_hour);
  append(50, old);
  commit_up_to(49);
  parts->retention.enforce();
  EXPECT_EQ(first(), 49);
  open(one_hour);
  EXPECT_EQ(first(), 49);
  EXPECT_EQ(end(), 50);
  append(1, now);
  EXPECT_EQ(end(), 51);
  expect_whole();
}

TEST_F(RetentionTest, LetsGoOfTheOldestWhenThereIsTooMuch) {
  open({.retention_age_max = std::chrono::hours(1000), .retention_bytes_max = 500'000});
  append(200, now, 10'000);
  commit_up_to(199);
  flush(Table::requested);
  parts->retention.enforce();
  EXPECT_GT(first(), 130);
  EXPECT_LT(first(), 170) << "about fifty of ten kilobytes fit";
  expect_whole();
}

TEST_F(RetentionTest, TooMuchThatHasNotTakenEffectStays) {
  open({.retention_age_max = std::chrono::hours(1000), .retention_bytes_max = 1});
  append(100, now, 10'000);
  commit_up_to(9);
  flush(Table::requested);
  parts->retention.enforce();
  EXPECT_EQ(first(), 10);
}

TEST_F(RetentionTest, WithinBothLimitsNothingGoes) {
  append(50, now);
  commit_up_to(49);
  parts->retention.enforce();
  EXPECT_EQ(first(), 0);
}

TEST_F(RetentionTest, AnEmptyTopicIsLeftAlone) {
  open(one_hour);
  parts->retention.enforce();
  EXPECT_EQ(end(), 0);
  append(1, old);
  commit_up_to(0);
  parts->retention.enforce();
  EXPECT_EQ(first(), 0);
}

TEST_F(RetentionTest, EventsStayUntilTheFanOutHasReadThem) {
  open({.retention_age_max = std::chrono::milliseconds(0), .retention_bytes_max = kUnlimited});
  store(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  parts->retention.enforce();
  EXPECT_EQ(first(Table::sent), 0);
  fan_out();
  store(5);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  parts->retention.enforce();
  EXPECT_EQ(first(Table::sent), 10);
  expect_whole(Table::sent);
  const auto events =
      parts->events.poll(1000, SteadyClock::now(), [](std::string_view) { return true; }).value().events;
  EXPECT_EQ(events.size(), 5u);
}

TEST_F(RetentionTest, DeadLettersAndMessagesAlwaysStay) {
  open({.retention_age_max = std::chrono::milliseconds(0), .retention_bytes_max = 0});
  store(10);
  Batch dead;
  for (int i = 0; i < 5; ++i) {
    dead.dead_letters.push_back({.source = {}, .reason = DeadReason::malformed, .error = "x", .rejection = {}});
  }
  (void)parts->committer.commit(dead).value();
  fan_out();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  parts->retention.enforce();
  EXPECT_EQ(first(Table::dead), 0);
  EXPECT_EQ(end(Table::dead), 5);
  EXPECT_EQ(parts->database->last_sequence("conv-1").value(), 10u);
}

TEST_F(RetentionTest, ReadersGoOnWhileRecordsGo) {
  open(one_hour);
  append(100, old);
  EmbeddedLogReader reader(*parts->database);
  EXPECT_EQ(reader.poll(60, SteadyClock::now()).value().records.size(), 60u);
  commit_up_to(59);
  parts->retention.enforce();
  const auto rest = reader.poll(100, SteadyClock::now());
  ASSERT_TRUE(rest) << rest.error().text;
  ASSERT_EQ(rest->records.size(), 40u);
  EXPECT_EQ(rest->records.front().position.offset, 60);
}

}  // namespace
}  // namespace message_service::embedded
