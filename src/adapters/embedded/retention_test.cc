#include "adapters/embedded/retention.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/embedded/log/group_commit_writer.h"
#include "adapters/embedded/log_reader.h"
#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/store/embedded_store.h"
#include "adapters/embedded/store/sent_reader.h"
#include "adapters/embedded/store/topic_reader.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

constexpr std::uint64_t kSmallSegmentBytes = 4096;
constexpr std::int64_t kSegmentRecords = 26;  // of the tests' usual size
constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 40;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { open({}); }

  // The parts of the adapter that retention works on. Its own thread sleeps for the whole test.
  struct Parts {
    Parts(std::unique_ptr<OpenedFolder> opened, const Options& options)
        : folder(std::move(opened)),
          writer(folder->log(), folder->mark(), folder->disk(), folder->store_for_log(), options.append),
          committer(database(), damage, LogPlace::here),
          events(database(), damage),
          retention(folder->log(), database(), events, options) {}
    Database& database() { return folder->store(); }
    SegmentedLog& log() { return *folder->log().segments; }
    Damage damage;
    std::unique_ptr<OpenedFolder> folder;
    GroupCommitWriter writer;
    EmbeddedStore committer;
    EmbeddedEventSource events;
    Retention retention;
  };

  void open(Options options) {
    parts.reset();
    options.retention_interval = std::chrono::hours(24);
    parts = std::make_unique<Parts>(OpenedFolder::open(folder.path() / "data", kSmallSegmentBytes).value(), options);
  }

  // Appends records of the given time. The records of successive calls follow each other.
  void append(int count, base::Timestamp written_at, std::size_t bytes = 100) {
    std::promise<void> durable;
    for (int i = 0; i < count; ++i) {
      const auto handler = [&durable, last = i + 1 == count](const base::Result<Receipt>&) {
        if (last) durable.set_value();
      };
      parts->writer.append_record(
          {.key = "k", .value = std::string(bytes, 'v'), .headers = {}, .timestamp = written_at}, {}, handler);
    }
    durable.get_future().wait();
  }

  void commit_up_to(std::int64_t offset) {
    Batch batch;
    batch.progress.advance_to({.partition = 0, .offset = offset});
    (void)parts->committer.commit(batch).value();
  }

  // Stores messages, which adds as many events to the sent topic.
  void store(int count) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      const std::string key = "key-" + std::to_string(stored++);
      batch.items.push_back({Appended({}, admitted_of("conv-1", key, key)), {}});
    }
    (void)parts->committer.commit(batch).value();
  }
  void fan_out() {
    (void)parts->events.poll(1000, base::SteadyClock::now(), [](std::string_view) { return false; }).value();
  }

  // Moves the rows into a table file below the first level, as time would: retention removes only files of that kind.
  void settle(Table topic) {
    rocksdb::DB& db = parts->database().db();
    ASSERT_TRUE(db.Flush({}, parts->database().table(topic)).ok());
    ASSERT_TRUE(db.CompactRange({}, parts->database().table(topic), nullptr, nullptr).ok());
  }

  std::int64_t end(Table topic) { return parts->database().end(topic).next(); }
  SentReader sent_events() { return {parts->database().db(), parts->database().table(Table::sent), 0}; }
  std::int64_t first_sent() { return sent_events().next().value().value().offset; }
  std::int64_t log_first() { return parts->log().first(); }
  std::int64_t log_end() { return parts->folder->log().end.next(); }

  // All events from the first on can be read, without a gap.
  void expect_whole_sent() {
    SentReader reader = sent_events();
    for (std::int64_t offset = first_sent(); offset < end(Table::sent); ++offset) {
      const auto event = reader.next();
      ASSERT_TRUE(event) << event.error().text;
      ASSERT_TRUE(*event);
      EXPECT_EQ((*event)->offset, offset);
    }
    EXPECT_FALSE(reader.next().value());
  }
  void expect_whole_log() {
    const auto records = parts->log().read(log_first(), log_end());
    ASSERT_TRUE(records) << records.error().text;
    EXPECT_EQ(records->size(), static_cast<std::size_t>(log_end() - log_first()));
  }

  const base::Timestamp now = base::wall_now();
  const base::Timestamp old = now - std::chrono::milliseconds(std::chrono::hours(2)).count();
  const Options one_hour{.retention_age_max = std::chrono::hours(1), .retention_bytes_max = kUnlimited};

  TemporaryFolder folder;
  std::unique_ptr<Parts> parts;
  int stored = 0;
};

TEST_F(RetentionTest, LetsGoOfSegmentsOfOldRecordsAndKeepsYoungOnes) {
  open(one_hour);
  append(300, old);
  append(200, now);
  commit_up_to(499);
  parts->retention.enforce();
  EXPECT_LE(log_first(), 300);
  EXPECT_GT(log_first(), 300 - 2 * kSegmentRecords);
  EXPECT_EQ(log_end(), 500);
  expect_whole_log();
  const std::int64_t before = log_first();
  parts->retention.enforce();
  EXPECT_EQ(log_first(), before);
}

TEST_F(RetentionTest, RecordsThatHaveNotTakenEffectStayHoweverOld) {
  open(one_hour);
  append(500, old);
  parts->retention.enforce();
  EXPECT_EQ(log_first(), 0) << "nothing is committed";
  commit_up_to(199);
  parts->retention.enforce();
  EXPECT_LE(log_first(), 200);
  EXPECT_GT(log_first(), 200 - 2 * kSegmentRecords);
  expect_whole_log();
}

TEST_F(RetentionTest, TheLastSegmentStaysAndOffsetsGoOnAfterARestart) {
  open(one_hour);
  append(500, old);
  commit_up_to(499);
  parts->retention.enforce();
  const std::int64_t kept = log_first();
  EXPECT_GT(kept, 500 - 2 * kSegmentRecords);
  EXPECT_LT(kept, 500);
  open(one_hour);
  EXPECT_EQ(log_first(), kept);
  EXPECT_EQ(log_end(), 500);
  append(1, now);
  EXPECT_EQ(log_end(), 501);
  expect_whole_log();
}

TEST_F(RetentionTest, LetsGoOfTheOldestWhenThereIsTooMuch) {
  open({.retention_age_max = std::chrono::hours(1000), .retention_bytes_max = 10 * kSmallSegmentBytes});
  append(1000, now);
  commit_up_to(999);
  parts->retention.enforce();
  EXPECT_LE(log_first(), 1000 - 9 * kSegmentRecords) << "ten segments fit";
  EXPECT_GT(log_first(), 1000 - 11 * kSegmentRecords);
  expect_whole_log();
}

TEST_F(RetentionTest, TooMuchThatHasNotTakenEffectStays) {
  open({.retention_age_max = std::chrono::hours(1000), .retention_bytes_max = 1});
  append(500, now);
  commit_up_to(99);
  parts->retention.enforce();
  EXPECT_LE(log_first(), 100);
  EXPECT_GT(log_first(), 100 - 2 * kSegmentRecords);
}

TEST_F(RetentionTest, WithinBothLimitsNothingGoes) {
  append(500, now);
  commit_up_to(499);
  parts->retention.enforce();
  EXPECT_EQ(log_first(), 0);
}

TEST_F(RetentionTest, AnEmptyLogIsLeftAlone) {
  open(one_hour);
  parts->retention.enforce();
  EXPECT_EQ(log_end(), 0);
  append(1, old);
  commit_up_to(0);
  parts->retention.enforce();
  EXPECT_EQ(log_first(), 0);
}

TEST_F(RetentionTest, EventsStayUntilTheFanOutHasReadThem) {
  open({.retention_age_max = std::chrono::milliseconds(0), .retention_bytes_max = kUnlimited});
  store(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  parts->retention.enforce();
  EXPECT_EQ(first_sent(), 0);
  fan_out();
  settle(Table::sent);
  store(5);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  parts->retention.enforce();
  EXPECT_EQ(first_sent(), 10);
  expect_whole_sent();
  const auto events =
      parts->events.poll(1000, base::SteadyClock::now(), [](std::string_view) { return true; }).value().events;
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
  EXPECT_EQ(read_topic(parts->database(), Table::dead, 0, end(Table::dead)).value().size(), 5u);
  EXPECT_EQ(parts->database().last_sequence("conv-1").value(), 10u);
}

TEST_F(RetentionTest, ReadersGoOnWhileRecordsGo) {
  open(one_hour);
  append(100, old);
  EmbeddedLogReader reader(parts->folder->log(), parts->database());
  EXPECT_EQ(reader.poll(60, base::SteadyClock::now()).value().records.size(), 60u);
  commit_up_to(59);
  parts->retention.enforce();
  const auto rest = reader.poll(100, base::SteadyClock::now());
  ASSERT_TRUE(rest) << rest.error().text;
  ASSERT_EQ(rest->records.size(), 40u);
  EXPECT_EQ(rest->records.front().position.offset, 60);
}

}  // namespace
}  // namespace message_service::embedded
