#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace base {
namespace {

TEST(KeyedHash, IsTheSameForTheSameTextAndAnotherForAnother) {
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_EQ(keyed_hash(text), keyed_hash(std::string(text)));
    hashes.insert(keyed_hash(text));
    hashes.insert(keyed_hash(text + '\0'));
  }
  EXPECT_EQ(hashes.size(), 80u);
}

TEST(KeyedHash, SpreadsNumbersThatShareTheirLowBits) {
  std::set<std::uint64_t> low;
  for (std::uint64_t i = 0; i < 1000; ++i) low.insert(keyed_hash(i << 32) & 0xFFFF);
  EXPECT_GT(low.size(), 900u);
}

}  // namespace
}  // namespace base
