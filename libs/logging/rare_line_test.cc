#include "logging/rare_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace logging {
namespace {

using namespace std::chrono_literals;

TEST(RareLine, TheFirstIsWrittenAndTheRestAreCounted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  start({.level = Level::warning, .format = Format::text, .descriptor = ends[1]});
  RareLine often(Level::warning);
  RareLine soon(Level::warning, 1ms);
  for (int n = 0; n < 1000; ++n) often.write("no room");
  soon.write("again");
  RareLine counted(Level::warning, 50ms);
  for (int n = 0; n < 3; ++n) counted.write("counted");
  std::this_thread::sleep_for(60ms);
  counted.write("counted");
  std::this_thread::sleep_for(2ms);
  soon.write("again");
  stop(5s);
  close(ends[1]);
  std::string out;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  const auto count = [&out](std::string_view text) {
    std::size_t found = 0;
    for (std::size_t at = out.find(text); at != std::string::npos; at = out.find(text, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("no room"), 1u) << out;
  EXPECT_EQ(count("again"), 2u) << out;
  EXPECT_EQ(count("counted (and 2 times since the last such line)"), 1u) << out;
}

}  // namespace
}  // namespace logging
