#include "adapters/embedded/fresh_records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace message_service::embedded {
namespace {

using Texts = std::vector<std::string>;

void add_numbers(FreshRecords& fresh, std::int64_t from, std::int64_t to) {
  for (std::int64_t offset = from; offset < to; ++offset) fresh.add(offset, std::to_string(offset));
}

// What was taken must be the numbers of its offsets, up to `to`.
void expect_numbers(const FreshRecords::Taken& taken, std::int64_t first, std::int64_t to) {
  EXPECT_EQ(taken.first_offset, first);
  ASSERT_EQ(taken.records.size(), static_cast<std::size_t>(to - first));
  for (std::int64_t offset = first; offset < to; ++offset) {
    EXPECT_EQ(taken.records[static_cast<std::size_t>(offset - first)], std::to_string(offset));
  }
}

TEST(FreshRecords, GivesWhatIsThereOnce) {
  FreshRecords fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(10, 15), 10, 15);
  expect_numbers(fresh.take(15, 20), 15, 20);
  expect_numbers(fresh.take(15, 20), 20, 20);
}

TEST(FreshRecords, WhatLiesBeforeItMustBeReadFromTheDisk) {
  FreshRecords fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(5, 8), 8, 8);  // all of it on the disk, and nothing forgotten
  expect_numbers(fresh.take(5, 12), 10, 12);
  expect_numbers(fresh.take(12, 20), 12, 20);
}

TEST(FreshRecords, ForgetsWhatTheReaderIsPast) {
  FreshRecords fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(15, 18), 15, 18);
  expect_numbers(fresh.take(10, 20), 18, 20);
}

TEST(FreshRecords, WhenEmptyEverythingIsOnTheDisk) {
  FreshRecords fresh;
  expect_numbers(fresh.take(0, 7), 7, 7);
  add_numbers(fresh, 7, 8);
  expect_numbers(fresh.take(0, 8), 7, 8);
  expect_numbers(fresh.take(8, 8), 8, 8);
}

TEST(FreshRecords, AGapInTheOffsetsBeginsAnew) {
  FreshRecords fresh;
  add_numbers(fresh, 0, 5);
  add_numbers(fresh, 7, 9);
  expect_numbers(fresh.take(0, 9), 7, 9);
}

TEST(FreshRecords, LetsGoOfAllWhenTheReaderLags) {
  FreshRecords fresh;
  const std::string large(FreshRecords::kBytesMax / 4, 'x');
  for (std::int64_t offset = 0; offset < 4; ++offset) fresh.add(offset, large);
  fresh.add(4, "one too many");
  const auto taken = fresh.take(0, 5);
  EXPECT_EQ(taken.first_offset, 4);
  EXPECT_EQ(taken.records, Texts{"one too many"});
  for (std::int64_t offset = 5; offset < 9; ++offset) fresh.add(offset, large);  // what was taken is not counted
  EXPECT_EQ(fresh.take(5, 9).records.size(), 4u);
}

TEST(FreshRecords, AReaderBesideAWriterMissesNothing) {
  FreshRecords fresh;
  constexpr std::int64_t kCount = 20'000;
  std::atomic<std::int64_t> end = 0;
  std::thread writer([&] {
    for (std::int64_t offset = 0; offset < kCount; ++offset) {
      fresh.add(offset, std::to_string(offset));
      end = offset + 1;
    }
  });
  for (std::int64_t next = 0; next < kCount;) {
    const std::int64_t to = end;
    const auto taken = fresh.take(next, to);
    ASSERT_EQ(taken.first_offset, next) << "nothing of it was let go";
    for (const std::string& record : taken.records) ASSERT_EQ(record, std::to_string(next++));
    ASSERT_EQ(next, to);
  }
  writer.join();
}

}  // namespace
}  // namespace message_service::embedded
