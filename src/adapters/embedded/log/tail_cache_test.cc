#include "adapters/embedded/log/tail_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {
namespace {

std::shared_ptr<const Admitted> message_of(std::string content) {
  const Limits limits{.content_bytes_max = TailCache::kBytesMax};
  return std::make_shared<const Admitted>(*admit(draft_of("conv-1", "key", std::move(content)), limits, 1).admitted);
}

void add(TailCache& fresh, std::int64_t offset, std::string content) {
  fresh.add(offset, {message_of(std::move(content))});
}

void add_numbers(TailCache& fresh, std::int64_t from, std::int64_t to) {
  TailCache::Messages messages;
  for (std::int64_t offset = from; offset < to; ++offset) messages.push_back(message_of(std::to_string(offset)));
  fresh.add(from, std::move(messages));
}

// The taken messages must be the numbers of their offsets, up to `to`.
void expect_numbers(const TailCache::Taken& taken, std::int64_t first, std::int64_t to) {
  EXPECT_EQ(taken.first_offset, first);
  ASSERT_EQ(taken.messages.size(), static_cast<std::size_t>(to - first));
  for (std::int64_t offset = first; offset < to; ++offset) {
    const auto& message = taken.messages[static_cast<std::size_t>(offset - first)];
    EXPECT_EQ(message->message().content, std::to_string(offset));
  }
}

TEST(TailCache, GivesWhatIsThereOnce) {
  TailCache fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(10, 15), 10, 15);
  expect_numbers(fresh.take(15, 20), 15, 20);
  expect_numbers(fresh.take(15, 20), 20, 20);
}

TEST(TailCache, WhatLiesBeforeItMustBeReadFromTheDisk) {
  TailCache fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(5, 8), 8, 8);  // all records are on the disk, and nothing is forgotten
  expect_numbers(fresh.take(5, 12), 10, 12);
  expect_numbers(fresh.take(12, 20), 12, 20);
}

TEST(TailCache, ForgetsWhatTheReaderIsPast) {
  TailCache fresh;
  add_numbers(fresh, 10, 20);
  expect_numbers(fresh.take(15, 18), 15, 18);
  expect_numbers(fresh.take(10, 20), 18, 20);
}

TEST(TailCache, WhenEmptyEverythingIsOnTheDisk) {
  TailCache fresh;
  expect_numbers(fresh.take(0, 7), 7, 7);
  add_numbers(fresh, 7, 8);
  expect_numbers(fresh.take(0, 8), 7, 8);
  expect_numbers(fresh.take(8, 8), 8, 8);
}

TEST(TailCache, GivesWhatIsInOnePiece) {
  TailCache fresh;
  add_numbers(fresh, 0, 5);
  add_numbers(fresh, 7, 9);
  expect_numbers(fresh.take(0, 9), 0, 5);
  expect_numbers(fresh.take(5, 9), 7, 9);
}

TEST(TailCache, KeepsTheOldestWhenTheReaderLags) {
  TailCache fresh;
  const std::string large(TailCache::kBytesMax / 5, 'x');  // and a little: four fit
  for (std::int64_t offset = 0; offset < 5; ++offset) add(fresh, offset, large);
  const auto oldest = fresh.take(0, 1);
  EXPECT_EQ(oldest.first_offset, 0);
  EXPECT_EQ(oldest.messages.size(), 1u);
  for (std::int64_t offset = 5; offset < 8; ++offset) add(fresh, offset, large);  // there is room for one
  EXPECT_EQ(fresh.take(1, 8).messages.size(), 3u);
  const auto behind_the_gap = fresh.take(4, 8);
  EXPECT_EQ(behind_the_gap.first_offset, 5);
  EXPECT_EQ(behind_the_gap.messages.size(), 1u);
  for (std::int64_t offset = 8; offset < 12; ++offset) add(fresh, offset, large);  // taken messages do not count
  EXPECT_EQ(fresh.take(6, 12).messages.size(), 4u);
}

TEST(TailCache, ARecordThatIsNoMessageIsOnTheDisk) {
  TailCache fresh;
  fresh.add(0, {message_of("0"), nullptr, message_of("2")});
  expect_numbers(fresh.take(0, 3), 0, 1);
  expect_numbers(fresh.take(1, 3), 2, 3);
}

TEST(TailCache, AReaderBesideAWriterMissesNothing) {
  TailCache fresh;
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
    for (const auto& message : taken.messages) {
      ASSERT_EQ(message->message().content, std::to_string(next++));
    }
    ASSERT_EQ(next, to);
  }
  writer.join();
}

}  // namespace
}  // namespace message_service::embedded
