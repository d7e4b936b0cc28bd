#include "bench/target.h"

#include <gtest/gtest.h>

namespace message_service::bench {
namespace {

TEST(Target, IsLoopbackUnlessTheHostIsNamedAsOwn) {
  ASSERT_TRUE(resolve_target("http://127.0.0.1:5005", ""));
  ASSERT_TRUE(resolve_target("http://[::1]:5005", ""));
  EXPECT_FALSE(resolve_target("http://192.0.2.7:5005", ""));
  EXPECT_FALSE(resolve_target("http://192.0.2.7:5005", "192.0.2.8"));
  EXPECT_TRUE(resolve_target("http://192.0.2.7:5005", "192.0.2.7"));
}

}  // namespace
}  // namespace message_service::bench
