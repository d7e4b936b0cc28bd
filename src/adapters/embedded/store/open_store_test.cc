#include "adapters/embedded/store/open_store.h"

#include <gtest/gtest.h>

namespace message_service::embedded {
namespace {

using Option = rocksdb::WalFilter::WalProcessingOption;

// A batch in the form of a write-ahead log: it begins with the number of its first entry.
rocksdb::WriteBatch batch_of(std::uint8_t first, int entries) {
  rocksdb::WriteBatch batch;
  for (int i = 0; i < entries; ++i) batch.Put("key", "value");
  std::string bytes = batch.Data();
  bytes[0] = static_cast<char>(first);
  return rocksdb::WriteBatch(std::move(bytes));
}

Option seen_by(UnbrokenBatches& filter, const rocksdb::WriteBatch& batch) {
  rocksdb::WriteBatch changed;
  bool is_changed = false;
  const Option option = filter.LogRecordFound(1, "000001.log", batch, &changed, &is_changed);
  EXPECT_FALSE(is_changed);
  return option;
}

TEST(UnbrokenBatches, FollowOneAnother) {
  UnbrokenBatches filter;
  EXPECT_EQ(seen_by(filter, batch_of(40, 3)), Option::kContinueProcessing) << "the first may have any number";
  EXPECT_EQ(seen_by(filter, batch_of(43, 1)), Option::kContinueProcessing);
  EXPECT_EQ(seen_by(filter, batch_of(44, 2)), Option::kContinueProcessing);
}

TEST(UnbrokenBatches, EndWhereOneIsMissing) {
  UnbrokenBatches filter;
  EXPECT_EQ(seen_by(filter, batch_of(40, 3)), Option::kContinueProcessing);
  EXPECT_EQ(seen_by(filter, batch_of(44, 1)), Option::kCorruptedRecord);
}

TEST(UnbrokenBatches, MayUseTheNumbersOfAFailedWriteAgain) {
  UnbrokenBatches filter;
  EXPECT_EQ(seen_by(filter, batch_of(40, 3)), Option::kContinueProcessing);
  EXPECT_EQ(seen_by(filter, batch_of(40, 2)), Option::kContinueProcessing);
  EXPECT_EQ(seen_by(filter, batch_of(43, 1)), Option::kContinueProcessing);
}

}  // namespace
}  // namespace message_service::embedded
