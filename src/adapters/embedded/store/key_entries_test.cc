#include "adapters/embedded/store/key_entries.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "adapters/embedded/opened_folder.h"
#include "adapters/embedded/store/embedded_store.h"
#include "adapters/embedded/store/store_reader.h"
#include "support/cpp/temporary_embedded.h"
#include "wire/message_json.h"

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
  return !found && found.error().code == base::ErrorCode::corrupt;
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
  const auto id_at = [](base::Timestamp time) { return derive_message_id("conv-1", make_uuid_v7(time)); };
  constexpr base::Timestamp kMoment = 1769509800000;
  EXPECT_EQ(shared_row_of(id_at(kMoment)), shared_row_of(id_at(kMoment + 3)));
  EXPECT_NE(shared_row_of(id_at(kMoment)), shared_row_of(id_at(kMoment + 4)));
  EXPECT_LT(shared_row_of(id_at(kMoment)), shared_row_of(id_at(kMoment + 4)));
  EXPECT_NE(shared_row_of(id_at(kMoment + 999)), shared_row_of(id_at(kMoment + 1999)));
}

class KeyRows : public testing::Test {
 protected:
  // Commits messages with the given temporary ids.
  void commit(const std::vector<std::string>& ids, bool new_id) {
    Batch batch;
    for (const std::string& id : ids) {
      batch.items.push_back({.message = Appended({}, admitted_of("conv-1", id, id)), .source = {}, .new_id = new_id});
    }
    ASSERT_EQ(EmbeddedStore(database, damage, LogPlace::here).commit(batch).value().stored.size(), ids.size());
  }
  std::size_t rows() {
    const std::unique_ptr<rocksdb::Iterator> at(database.db().NewIterator({}, database.table(Table::keys)));
    std::size_t count = 0;
    for (at->SeekToFirst(); at->Valid(); at->Next()) ++count;
    return count;
  }
  void expect_found(const std::vector<std::string>& ids) {
    EmbeddedStoreReader reader(database, damage);
    for (const std::string& id : ids) {
      const auto found = reader.find_by_temporary_id("conv-1", id).value();
      ASSERT_TRUE(std::holds_alternative<StoredRow>(found)) << id;
      const auto stored = wire::read_stored(std::get<StoredRow>(found).json).value();
      EXPECT_EQ(stored.message().content, id);
      EXPECT_TRUE(reader.find_message("conv-1", stored.id()).value());
    }
  }
  static std::vector<std::string> ids_of_one_moment(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(make_uuid_v7(1769509800000));
    return ids;
  }

  TemporaryFolder folder;
  Damage damage;
  std::unique_ptr<OpenedFolder> opened = OpenedFolder::open(folder.path() / "data", std::uint64_t{1} << 20).value();
  Database& database = opened->store();
};

TEST_F(KeyRows, IdsMadeHereInOneMomentShareOne) {
  const auto first = ids_of_one_moment(50), second = ids_of_one_moment(50);
  commit(first, true);
  commit(second, true);
  EXPECT_EQ(rows(), 1u);
  expect_found(first);
  expect_found(second);
  ASSERT_TRUE(database.db().Flush({}, database.table(Table::keys)).ok());
  expect_found(first);
  expect_found(second);
}

TEST_F(KeyRows, WhatClientsChooseMakesNoRowGrow) {
  const auto ids = ids_of_one_moment(50);
  commit(ids, false);
  EXPECT_EQ(rows(), 50u);
  expect_found(ids);
}

TEST_F(KeyRows, AClientThatRepeatsAnIdMadeHereIsADuplicate) {
  const auto ids = ids_of_one_moment(2);
  commit(ids, true);
  Batch batch;
  batch.items.push_back({Appended({}, admitted_of("conv-1", ids[0], ids[0])), {}});
  EXPECT_EQ(EmbeddedStore(database, damage, LogPlace::here).commit(batch).value().duplicates, 1u);
  EXPECT_EQ(rows(), 1u);
}

}  // namespace
}  // namespace message_service::embedded
