#include "pipeline/versions/version_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using embedded::eventually;

// The real register of a data folder, with other nodes beside this one.
class SharedRegister final : public VersionRegister {
 public:
  explicit SharedRegister(VersionRegister& real) : real_(real) {}

  std::atomic<int> others_read = 1;
  std::atomic<bool> down = false;
  std::atomic<int> asked = 0;
  std::atomic<bool> left = false;

  base::Result<int> allowed() override { return down ? base::Result<int>(kDown) : real_.allowed(); }
  base::Result<int> sign_of_life(const NodeCard& node) override { return down ? kDown : real_.sign_of_life(node); }
  void leave(const std::string& /*node_id*/) override { left = true; }
  base::Result<std::vector<SeenNode>> nodes() override { return real_.nodes(); }
  base::Result<Allowance> allow(int version) override {
    ++asked;
    if (down) return kDown;
    if (others_read < version) return Allowance{.version = real_.allowed().value(), .held_back_by = "another"};
    return real_.allow(version);
  }

 private:
  const base::Error kDown{base::ErrorCode::unavailable, "the store is down"};
  VersionRegister& real_;
};

class VersionGateTest : public testing::Test {
 protected:
  static NodeCard reading(int version) {
    return {.id = "n", .name = "n", .program = "p", .roles = "r", .reads = version, .waits = {}};
  }
  std::unique_ptr<VersionGate> gate(int reads) {
    return std::make_unique<VersionGate>(others, reading(reads), [] { return std::vector<std::string>(); });
  }

  embedded::TemporaryEmbedded adapter;
  SharedRegister others{adapter->versions()};
};

TEST_F(VersionGateTest, TodaysRecordsMayAlwaysBeWritten) {
  others.down = true;
  const auto node = gate(1);
  EXPECT_TRUE(node->may_write(1));
  EXPECT_TRUE(node->enter()) << "a store that is away is no reason not to start";
  EXPECT_TRUE(node->may_write(1));
  EXPECT_FALSE(node->may_write(2));
  EXPECT_EQ(others.asked, 0);
}

TEST_F(VersionGateTest, NewerOnesOnlyWhenAllReadThem) {
  const auto node = gate(2);
  ASSERT_TRUE(node->enter());
  node->start();
  EXPECT_FALSE(node->may_write(2));
  ASSERT_TRUE(eventually([&] { return others.asked >= 1; }));
  EXPECT_FALSE(node->may_write(2));
  EXPECT_EQ(adapter->versions().allowed().value(), 1);

  others.others_read = 2;
  EXPECT_TRUE(eventually([&] { return node->may_write(2); })) << "it is asked for again by itself";
  EXPECT_EQ(adapter->versions().allowed().value(), 2);
  node->stop();
  EXPECT_TRUE(others.left);
}

TEST_F(VersionGateTest, NothingIsAllowedBeforeSomebodyWantsToWrite) {
  others.others_read = 2;
  const auto node = gate(2);
  ASSERT_TRUE(node->enter());
  node->start();
  node->stop();
  EXPECT_EQ(adapter->versions().allowed().value(), 1) << "an older program may come back";
}

TEST_F(VersionGateTest, AnOlderProgramIsRefusedOnceNewerRecordsMayBeThere) {
  ASSERT_EQ(adapter->versions().allow(3).value().version, 3);
  const auto refused = gate(2)->enter();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  for (const char* part : {"version 3", "version 2", "newer program"}) {
    EXPECT_NE(refused.error().text.find(part), std::string::npos) << refused.error().text;
  }
  const auto newer = gate(3);
  EXPECT_TRUE(newer->enter());
  EXPECT_TRUE(newer->may_write(3)) << "without asking";
}

TEST_F(VersionGateTest, ANodeThatWasAwayLearnsThatItIsTooOld) {
  const auto node = gate(1);
  ASSERT_TRUE(node->enter());
  EXPECT_EQ(node->problem(), "");
  ASSERT_EQ(adapter->versions().allow(2).value().version, 2);
  node->start();
  EXPECT_TRUE(eventually([&] { return node->problem().find("version 2") != std::string::npos; })) << node->problem();
}

}  // namespace
}  // namespace message_service
