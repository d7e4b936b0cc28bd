#include "adapters/embedded/log/segmented_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "adapters/embedded/log/segment_files.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSegmentBytes = 4096;

class SegmentedLogTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<SegmentedLog>> open(std::int64_t durable_end = 0) {
    return SegmentedLog::open(
        {.folder = path(), .segment_bytes = kSegmentBytes, .durable_end = durable_end, .has_room = [](std::uint64_t) {
           return true;
         }});
  }
  fs::path path() const { return folder.path() / "log"; }

  // Each record holds its offset. One group holds them all.
  static void append(SegmentedLog& log, int count) {
    const std::int64_t from = log.end();
    for (int i = 0; i < count; ++i) log.stage(record_at(from + i));
    ASSERT_TRUE(log.commit());
  }
  static LogRecord record_at(std::int64_t offset) {
    return {.key = "conv-1", .value = "record " + std::to_string(offset), .headers = {{"a", "b"}}, .timestamp = offset};
  }
  static void expect_whole(SegmentedLog& log, std::int64_t from, std::int64_t to) {
    const auto records = log.read(from, to);
    ASSERT_TRUE(records) << records.error().text;
    ASSERT_EQ(records->size(), static_cast<std::size_t>(to - from));
    for (std::int64_t offset = from; offset < to; ++offset) {
      ASSERT_EQ((*records)[static_cast<std::size_t>(offset - from)], record_at(offset));
    }
  }

  fs::path last_segment() const { return list_segments(path()).value().back().path; }
  static std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  // Where the frame of a record begins in a segment's bytes.
  static std::size_t start_of(const std::string& bytes, std::int64_t offset) {
    const std::size_t text = bytes.find("record " + std::to_string(offset) + "\x01");
    EXPECT_NE(text, std::string::npos);
    return text - (1 + 8 + 1 + 6 + 1) - Frame::kHeaderBytes;  // version, time, key and lengths come before the value
  }

  TemporaryFolder folder;
};

TEST_F(SegmentedLogTest, GivesBackWhatWasWrittenFromAnyOffset) {
  auto log = open().value();
  EXPECT_EQ(log->end(), 0);
  EXPECT_EQ(log->first(), 0);
  append(*log, 1);
  append(*log, 400);
  EXPECT_EQ(log->end(), 401);
  EXPECT_GT(list_segments(path()).value().size(), 5u);
  expect_whole(*log, 0, 401);
  expect_whole(*log, 123, 124);
  expect_whole(*log, 120, 300);
  expect_whole(*log, 7, 7);
}

TEST_F(SegmentedLogTest, GoesOnAfterARestart) {
  for (int i = 0; i < 5; ++i) {
    auto log = open(i * 60).value();
    EXPECT_EQ(log->end(), i * 60);
    append(*log, 60);
  }
  expect_whole(*open(300).value(), 0, 300);
}

TEST_F(SegmentedLogTest, ARecordLargerThanASegmentHasOneOfItsOwn) {
  auto log = open().value();
  append(*log, 3);
  LogRecord large = record_at(3);
  large.value = std::string(3 * kSegmentBytes, 'x');
  log->stage(large);
  ASSERT_TRUE(log->commit());
  log->stage(record_at(4));
  ASSERT_TRUE(log->commit());
  log = open(5).value();
  expect_whole(*log, 0, 3);
  EXPECT_EQ(log->read(3, 4).value().at(0), large);
  expect_whole(*log, 4, 5);
}

TEST_F(SegmentedLogTest, ALogThatEndsBeforeWhatWasDurableIsDamaged) {
  append(*open().value(), 10);
  const auto refused = open(11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::corrupt);
  EXPECT_TRUE(open(10));
}

TEST_F(SegmentedLogTest, AnUnfinishedLastWriteIsDroppedAndWrittenOver) {
  append(*open().value(), 10);
  const std::string before = content_of(last_segment());
  {
    auto log = open().value();
    for (int i = 10; i < 20; ++i) log->stage(record_at(i));
    ASSERT_TRUE(log->commit());
  }
  std::string torn = content_of(last_segment());
  torn[start_of(torn, 12) + Frame::kHeaderBytes] ^= 1;  // a page in the middle never reached the disk
  write(last_segment(), torn);

  auto log = open(10).value();
  EXPECT_EQ(log->end(), 12);
  expect_whole(*log, 0, 12);
  append(*log, 1);
  log = open(13).value();
  EXPECT_EQ(log->end(), 13) << "what lay behind the tear is no continuation";
  expect_whole(*log, 0, 13);
}

// Also without a witness from outside: the frames after the damaged one say that it was durable.
TEST_F(SegmentedLogTest, DamageBeforeALaterWriteIsTold) {
  {
    auto log = open().value();
    for (int i = 0; i < 20; ++i) append(*log, 1);
  }
  const fs::path file = last_segment();
  const std::string sound = content_of(file);
  const std::size_t last = start_of(sound, 19);
  for (std::size_t at = 0; at < last; ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    write(file, damaged);
    const auto opened = open(at < SegmentHeader::kBytes ? 1 : 0);
    ASSERT_FALSE(opened) << "damage at byte " << at << " was not found";
    ASSERT_EQ(opened.error().code, base::ErrorCode::corrupt);
  }
}

TEST_F(SegmentedLogTest, DamageToAnOlderSegmentIsToldByWhoReadsIt) {
  append(*open().value(), 400);
  const auto files = list_segments(path()).value();
  std::string damaged = content_of(files[1].path);
  damaged[start_of(damaged, files[1].first_offset + 3) + Frame::kHeaderBytes + 2] ^= 4;
  write(files[1].path, damaged);
  auto log = open(400).value();
  const auto read = log->read(0, 400);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::ErrorCode::corrupt);
  EXPECT_NE(read.error().text.find(std::to_string(files[1].first_offset + 3)), std::string::npos) << read.error().text;

  damaged = content_of(files[1].path);
  damaged[3] ^= 4;
  write(files[1].path, damaged);
  EXPECT_EQ(open(400).error().code, base::ErrorCode::corrupt) << "a header is looked at when it is opened";
}

TEST_F(SegmentedLogTest, FilesOfOldSegmentsGetANewLife) {
  auto log = open().value();
  append(*log, 400);
  const std::size_t before = list_segments(path()).value().size();
  log->trim(390, 1, 0);
  EXPECT_GT(log->first(), 300);
  EXPECT_LE(log->first(), 390);
  EXPECT_LT(list_segments(path()).value().size(), before);
  ASSERT_TRUE(eventually([&] { return fs::exists(path() / "spare"); }));
  append(*log, 400);
  expect_whole(*log, log->first(), 800);
  log = open(800).value();
  EXPECT_EQ(log->end(), 800) << "what the files held before is not read again";
  expect_whole(*log, log->first(), 800);
}

TEST_F(SegmentedLogTest, AReaderBesideTheWriterSeesEverythingOnce) {
  auto log = open().value();
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) append(*log, 5);
  });
  for (std::int64_t next = 0; next < 1000;) {
    const std::int64_t to = log->end();
    expect_whole(*log, next, to);
    next = to;
  }
  writer.join();
}

// A limit on the size of files simulates a disk that fails: writing beyond the limit is an error.
class FailingDisk {
 public:
  explicit FailingDisk(rlim_t bytes) {
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FailingDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }

 private:
  rlimit before_{};
  void (*before_handler_)(int) = nullptr;
};

TEST_F(SegmentedLogTest, AWriteThatFailsIsUnknownAndTheLogHealsBehindWhatWasDurable) {
  auto log = open().value();
  append(*log, 10);
  {
    const FailingDisk disk(2048);
    for (int i = 0; i < 100; ++i) log->stage(record_at(1000 + i));
    const auto failed = log->commit();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, base::ErrorCode::unknown);
    EXPECT_FALSE(log->healthy());
    EXPECT_EQ(log->end(), 10);
  }
  EXPECT_TRUE(log->heal());
  EXPECT_TRUE(log->healthy());
  append(*log, 100);
  EXPECT_EQ(log->end(), 110);
  expect_whole(*log, 0, 110);
  log = open(110).value();
  EXPECT_EQ(log->end(), 110);
  expect_whole(*log, 0, 110);
}

TEST_F(SegmentedLogTest, ADiskThatStaysSickIsTriedAgainAndMeanwhileNothingIsTaken) {
  auto log = open().value();
  {
    const FailingDisk disk(16);
    log->stage(record_at(5));
    EXPECT_EQ(log->commit().error().code, base::ErrorCode::unknown);
    EXPECT_FALSE(log->heal());
    EXPECT_FALSE(log->healthy());
  }
  log->stage(record_at(6));  // the disk is well, but the log must not write the failed record with this one
  EXPECT_EQ(log->commit().error().code, base::ErrorCode::refused);
  EXPECT_EQ(log->end(), 0);
  EXPECT_TRUE(log->heal());
  append(*log, 3);
  expect_whole(*open(3).value(), 0, 3);
}

TEST_F(SegmentedLogTest, WhatAFailedWriteLeftOfNewSegmentsIsGoneAfterwards) {
  auto log = open().value();
  append(*log, 10);
  {
    const FailingDisk disk(2048);
    for (int i = 0; i < 100; ++i) log->stage(record_at(1000 + i));
    ASSERT_FALSE(log->commit());
  }
  write(segment_path(path(), 57), "");  // named, and the disk failed before anything was written
  ASSERT_TRUE(log->heal());
  append(*log, 1);
  log = open(11).value();
  EXPECT_EQ(log->end(), 11);
  expect_whole(*log, 0, 11);
}

TEST_F(SegmentedLogTest, AHealedLogTakesARecordOfAnySizeFirst) {
  auto log = open().value();
  {
    const FailingDisk disk(16);
    log->stage(record_at(5));
    ASSERT_FALSE(log->commit());
  }
  ASSERT_TRUE(log->heal());
  LogRecord large = record_at(0);
  large.value = std::string(2 * kSegmentBytes, 'x');
  log->stage(large);
  ASSERT_TRUE(log->commit());
  log->stage(record_at(1));
  ASSERT_TRUE(log->commit());
  log->trim(1, 1, 0);
  EXPECT_EQ(log->first(), 1) << "each offset has one segment";
  expect_whole(*log, 1, 2);
  EXPECT_EQ(open(2).value()->end(), 2);
}

}  // namespace
}  // namespace message_service::embedded
