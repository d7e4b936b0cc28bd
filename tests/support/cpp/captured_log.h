// For tests of what is logged.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "logging/logging.h"

namespace logging {

// Starts the log onto a pipe; take() stops it and returns what it wrote.
class CapturedLog : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    read_end_ = ends[0];
    write_end_ = ends[1];
  }
  void TearDown() override {
    logging::stop(std::chrono::milliseconds(0));
    close(read_end_);
    if (write_end_ >= 0) close(write_end_);
  }

  void start(Level level, Format format = Format::text, std::size_t queue_lines = 1024) {
    logging::start({.level = level, .format = format, .queue_lines = queue_lines, .descriptor = write_end_});
  }

  std::string take() {
    logging::stop(std::chrono::seconds(5));
    close(write_end_);
    write_end_ = -1;
    std::string out;
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = read(read_end_, buffer.data(), buffer.size())) > 0;) out.append(buffer.data(), n);
    return out;
  }

  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace logging
