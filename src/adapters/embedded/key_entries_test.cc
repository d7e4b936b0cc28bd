#include "adapters/embedded/key_entries.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace message_service::embedded {
namespace {

constexpr ObjectIdBytes kFirst{0x69, 0x78, 0x90, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7};
constexpr ObjectIdBytes kSecond{0x69, 0x78, 0x90, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 8};
constexpr ObjectIdBytes kAbsent{0x69, 0x78, 0x90, 0x12, 0x34, 9, 9, 9, 9, 9, 9, 9};
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

std::string row_of_two() {
  std::string row;
  append_rejected_entry(row, kFirst, "conv-1", "a", "there is no such conversation");
  append_stored_entry(row, kSecond, std::string(128, 'c'), kLargest);
  return row;
}

// Exactly these bytes, so that a sanitizer sees a read beyond them.
bool is_corrupt(std::string_view row) {
  const std::vector<char> exactly(row.begin(), row.end());
  const auto found = find_key_entry(std::string_view(exactly.data(), exactly.size()), kSecond);
  return !found && found.error().code == ErrorCode::corrupt;
}

TEST(KeyEntries, EachIdOfARowIsFoundAndNoOther) {
  const std::string row = row_of_two();
  const KeyEntry first = find_key_entry(row, kFirst).value().value();
  EXPECT_EQ(first.state, KeyEntry::State::rejected);
  EXPECT_EQ(first.conversation_id, "conv-1");
  EXPECT_EQ(first.temporary_message_id, "a");
  EXPECT_EQ(first.reason, "there is no such conversation");
  const KeyEntry second = find_key_entry(row, kSecond).value().value();
  EXPECT_EQ(second.state, KeyEntry::State::stored);
  EXPECT_EQ(second.conversation_id, std::string(128, 'c'));
  EXPECT_EQ(second.sequence, kLargest);
  EXPECT_FALSE(find_key_entry(row, kAbsent).value());
  EXPECT_FALSE(find_key_entry("", kFirst).value());
}

TEST(KeyEntries, TheLaterOfTwoStands) {
  std::string row = row_of_two();
  append_stored_entry(row, kFirst, "conv-1", 7);
  const KeyEntry entry = find_key_entry(row, kFirst).value().value();
  EXPECT_EQ(entry.state, KeyEntry::State::stored);
  EXPECT_EQ(entry.sequence, 7);
}

TEST(KeyEntries, WhatIsTruncatedLongerOrOfAnUnknownStateIsCorrupt) {
  const std::string row = row_of_two();
  std::string first_only;
  append_rejected_entry(first_only, kFirst, "conv-1", "a", "there is no such conversation");
  for (std::size_t size = 1; size < row.size(); ++size) {
    if (size == first_only.size()) continue;  // a whole row of one
    EXPECT_TRUE(is_corrupt(row.substr(0, size))) << size;
  }
  EXPECT_TRUE(is_corrupt(row + "x"));
  std::string unknown = row;
  unknown[7] = 'X';
  EXPECT_TRUE(is_corrupt(unknown));
}

TEST(KeyEntries, IdsOfOneMomentShareARow) {
  const auto id_at = [](Timestamp time) { return derive_message_id("conv-1", make_uuid_v7(time)); };
  constexpr Timestamp kMoment = 1769509800000;
  EXPECT_EQ(key_row_of(id_at(kMoment)), key_row_of(id_at(kMoment + 3)));
  EXPECT_NE(key_row_of(id_at(kMoment)), key_row_of(id_at(kMoment + 4)));
  EXPECT_LT(key_row_of(id_at(kMoment)), key_row_of(id_at(kMoment + 4)));
  EXPECT_NE(key_row_of(id_at(kMoment + 999)), key_row_of(id_at(kMoment + 1999)));
}

}  // namespace
}  // namespace message_service::embedded
