#include "adapters/embedded/store/errors.h"

#include <gtest/gtest.h>

namespace message_service::embedded {
namespace {

TEST(StoreErrors, NameAFileWithoutItsFolder) {
  const auto text = [](const std::string& words) { return to_error(rocksdb::Status::Corruption(words), "read").text; };
  EXPECT_EQ(text("block checksum mismatch in /srv/data/db/000009.sst offset 0"),
            "cannot read: Corruption: block checksum mismatch in 000009.sst offset 0");
  EXPECT_EQ(text("/data/000009.sst: bad"), "cannot read: Corruption: 000009.sst: bad");
  EXPECT_EQ(text("bad magic number"), "cannot read: Corruption: bad magic number");
}

}  // namespace
}  // namespace message_service::embedded
