// Every file of the corpus, through the check that it was found with: what once went wrong stays right.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/checks.h"
#include "fuzz/store_checks.h"

namespace message_service::fuzz {
namespace {

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, Holds) {
  const auto folder = std::filesystem::path(FUZZ_CORPUS) / GetParam().name;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    SCOPED_TRACE(entry.path().filename().string());
    GetParam().check(bytes);
    for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 64) {
      GetParam().check(std::string_view(bytes).substr(0, size));
    }
    ++files;
  }
  EXPECT_GT(files, 5) << folder;
}

const auto name_of = [](const auto& target) { return std::string(target.param.name); };
INSTANTIATE_TEST_SUITE_P(Each, Corpus, testing::ValuesIn(kTargets), name_of);
INSTANTIATE_TEST_SUITE_P(OfStores, Corpus, testing::ValuesIn(kStoreTargets), name_of);

}  // namespace
}  // namespace message_service::fuzz
