#include "observe/damage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "logging/logging.h"

namespace message_service {
namespace {

// The text that `work` writes to the log.
template <class Work>
std::string logged(Work work) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_NONBLOCK) != 0) return "no pipe";
  logging::start({.descriptor = ends[1]});
  work();
  logging::stop();
  close(ends[1]);
  std::string text(65536, '\0');
  const ssize_t count = read(ends[0], text.data(), text.size());
  close(ends[0]);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::size_t lines_in(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

TEST(Damage, EachIsCountedAndNamedOnce) {
  Metrics metrics;
  Damage damage(metrics.unreadable);
  EXPECT_EQ(damage.standing(), "");
  const std::string text = logged([&] {
    for (int i = 0; i < 100; ++i) damage.left_out("messages", "field content of 65");
    damage.left_out("events", "offset 7");
  });
  EXPECT_EQ(lines_in(text), 2u) << text;
  EXPECT_NE(text.find("field content of 65"), std::string::npos) << text;
  EXPECT_NE(text.find("silentSince=99"), std::string::npos) << text;
  const std::string exposed = metrics.expose();
  EXPECT_NE(exposed.find("message_service_unreadable_total{what=\"messages\"} 100"), std::string::npos);
  EXPECT_NE(exposed.find("message_service_unreadable_total{what=\"events\"} 1"), std::string::npos);
  EXPECT_NE(damage.standing().find("101 times"), std::string::npos) << damage.standing();
}

TEST(Damage, ManyDifferentOnesDoNotFloodTheLog) {
  Damage damage;
  const std::string text = logged([&] {
    for (int i = 0; i < 100'000; ++i) damage.left_out("messages", "row " + std::to_string(i));
  });
  EXPECT_GE(lines_in(text), 10u);
  EXPECT_LE(lines_in(text), 20u) << "ten a minute, and the minute may turn";
}

}  // namespace
}  // namespace message_service
