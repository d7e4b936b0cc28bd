#include "adapters/embedded/fresh_records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "model/message.h"

namespace message_service::embedded {
namespace {

void add(FreshRecords& fresh, std::int64_t offset, std::string value) {
  fresh.add({{.partition = 0, .offset = offset}, {.key = "", .value = std::move(value)}});
}

void add_numbers(FreshRecords& fresh, std::int64_t from, std::int64_t to) {
  for (std::int64_t offset = from; offset < to; ++offset) add(fresh, offset, std::to_string(offset));
}

// What was taken must be the numbers of its offsets, up to `to`.
void expect_numbers(const FreshRecords::Taken& taken, std::int64_t first, std::int64_t to) {
  EXPECT_EQ(taken.first_offset, first);
  ASSERT_EQ(taken.records.size(), static_cast<std::size_t>(to - first));
  for (std::int64_t offset = first; offset < to; ++offset) {
    const ConsumedRecord& taken_one = taken.records[static_cast<std::size_t>(offset - first)];
    EXPECT_EQ(taken_one.position.offset, offset);
    EXPECT_EQ(taken_one.record.value, std::to_string(offset));
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

TEST(FreshRecords, GivesWhatIsInOnePiece) {
  FreshRecords fresh;
  add_numbers(fresh, 0, 5);
  add_numbers(fresh, 7, 9);
  expect_numbers(fresh.take(0, 9), 0, 5);
  expect_numbers(fresh.take(5, 9), 7, 9);
}

TEST(FreshRecords, KeepsTheOldestWhenTheReaderLags) {
  FreshRecords fresh;
  const std::string large(FreshRecords::kBytesMax / 9, 'x');  // counts twice: the record and its message
  for (std::int64_t offset = 0; offset < 5; ++offset) add(fresh, offset, large);
  const auto oldest = fresh.take(0, 1);
  EXPECT_EQ(oldest.first_offset, 0);
  EXPECT_EQ(oldest.records.size(), 1u);
  for (std::int64_t offset = 5; offset < 8; ++offset) add(fresh, offset, large);  // there is room for one
  EXPECT_EQ(fresh.take(1, 8).records.size(), 3u);
  const auto behind_the_gap = fresh.take(4, 8);
  EXPECT_EQ(behind_the_gap.first_offset, 5);
  EXPECT_EQ(behind_the_gap.records.size(), 1u);
  for (std::int64_t offset = 8; offset < 12; ++offset) add(fresh, offset, large);  // what was taken is not counted
  EXPECT_EQ(fresh.take(6, 12).records.size(), 4u);
}

TEST(FreshRecords, HandsOnTheMessageThatTheRecordWasMadeOf) {
  FreshRecords fresh;
  Draft draft;
  draft.conversation_id = "conv-1";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = "Hello";
  const auto admitted = std::make_shared<const Admitted>(*admit(std::move(draft), Limits{}, 1).admitted);
  fresh.add({{.partition = 0, .offset = 0}, {}, admitted});
  EXPECT_EQ(fresh.take(0, 1).records.at(0).message, admitted);
}

TEST(FreshRecords, AReaderBesideAWriterMissesNothing) {
  FreshRecords fresh;
  constexpr std::int64_t kCount = 20'000;
  std::atomic<std::int64_t> end = 0;
  std::thread writer([&] {
    for (std::int64_t offset = 0; offset < kCount; ++offset) {
      add(fresh, offset, std::to_string(offset));
      end = offset + 1;
    }
  });
  for (std::int64_t next = 0; next < kCount;) {
    const std::int64_t to = end;
    const auto taken = fresh.take(next, to);
    ASSERT_EQ(taken.first_offset, next) << "nothing of it was let go";
    for (const ConsumedRecord& consumed : taken.records) {
      ASSERT_EQ(consumed.record.value, std::to_string(next++));
    }
    ASSERT_EQ(next, to);
  }
  writer.join();
}

}  // namespace
}  // namespace message_service::embedded
