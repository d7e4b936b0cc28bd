#include "telemetry/memory_use.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

namespace telemetry {
namespace {

namespace fs = std::filesystem;

// Control groups in a folder of their own.
class CgroupMemory : public testing::Test {
 protected:
  CgroupMemory() {
    std::string name = (fs::temp_directory_path() / "message-service-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    root = name;
  }
  ~CgroupMemory() override {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text << '\n';
  }

  fs::path root;
};

TEST_F(CgroupMemory, V2TakesTheLeastOfAllGroupsAbove) {
  const std::string self = "0::/system.slice/message-service.service\n";
  EXPECT_EQ(cgroup_memory_limit(root, self), std::nullopt);
  write("system.slice/message-service.service/memory.max", "max");
  EXPECT_EQ(cgroup_memory_limit(root, self), std::nullopt);
  write("system.slice/message-service.service/memory.max", "536870912");
  EXPECT_EQ(cgroup_memory_limit(root, self), 536870912u);
  write("system.slice/memory.max", "268435456");
  EXPECT_EQ(cgroup_memory_limit(root, self), 268435456u);
  write("system.slice/message-service.service/memory.high", "134217728");
  EXPECT_EQ(cgroup_memory_limit(root, self), 134217728u);
}

TEST_F(CgroupMemory, AContainerThatSeesItsGroupAsTheRoot) {
  write("memory.max", "67108864");
  EXPECT_EQ(cgroup_memory_limit(root, "0::/\n"), 67108864u);
  EXPECT_EQ(cgroup_memory_limit(root, "0::/docker/0123abc\n"), 67108864u);
}

TEST_F(CgroupMemory, V1IsInTheMemoryControllersTree) {
  const std::string self = "9:memory:/docker/abc\n8:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n";
  EXPECT_EQ(cgroup_memory_limit(root, self), std::nullopt);
  write("memory/memory.limit_in_bytes", "9223372036854771712");
  write("memory/docker/abc/memory.limit_in_bytes", "104857600");
  EXPECT_EQ(cgroup_memory_limit(root, self), 104857600u);
  EXPECT_EQ(memory_available(root) > 0, true);
}

TEST(MemoryInUse, GrowsWithWhatIsTouched) {
  const std::uint64_t before = memory_in_use();
  ASSERT_GT(before, 0u);
  const std::vector<char> touched(std::size_t{64} << 20, 'x');
  EXPECT_GE(memory_in_use(), before + touched.size() * 9 / 10);
}

}  // namespace
}  // namespace telemetry
