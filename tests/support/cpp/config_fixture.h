// For tests of the configuration: a folder of its own, and settings from one source.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"

namespace message_service::config {

// A folder of its own, also the working directory while the test runs, so that no stray appsettings.json is found.
class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Loaded from_file(const std::string& text) { return load({write("test.json", text), {}, {}}); }

  std::filesystem::path folder_;
  std::filesystem::path before_;
};

inline Loaded from_flags(std::vector<std::string> flags) { return load({std::nullopt, {}, std::move(flags)}); }
inline Loaded from_environment(std::vector<std::pair<std::string, std::string>> variables) {
  return load({std::nullopt, std::move(variables), {}});
}

inline const Option& option(const Loaded& loaded, const std::string& key) {
  const auto found =
      std::find_if(loaded.options.begin(), loaded.options.end(), [&key](const Option& o) { return o.key == key; });
  if (found == loaded.options.end()) throw std::runtime_error("no option " + key);
  return *found;
}

}  // namespace message_service::config
