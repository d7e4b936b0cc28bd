#include "logging/logging.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "logging/line.h"
#include "support/cpp/captured_log.h"

namespace logging {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp ten_thirty = 1769509800000;  // 2026-01-27T10:30:00.000Z

TEST(LogLine, TextIsForPeople) {
  EXPECT_EQ(text_line(ten_thirty, Level::information, "Started",
                      {{"port", 5005}, {"mode", "write behind"}, {"none", ""}, {"tls", false}, {"load", 0.5}}),
            "2026-01-27T10:30:00.000Z INFO Started port=5005 mode=\"write behind\" tls=false load=0.5\n");
  EXPECT_EQ(text_line(ten_thirty, Level::warning, "x", {{correlation_id, "c"}, {trace_id, "t"}}),
            "2026-01-27T10:30:00.000Z WARN x\n");
}

TEST(LogLine, JsonCarriesEveryField) {
  EXPECT_EQ(json_line(ten_thirty, Level::debug, "say \"hi\"",
                      {{correlation_id, "c-1"}, {trace_id, ""}, {"n", -7}, {"bad", 0.0 / 0.0}}),
            R"({"time":"2026-01-27T10:30:00.000Z","level":"Debug","message":"say \"hi\"","correlationId":"c-1","n":-7,)"
            "\"bad\":null}\n");
}

TEST(LogLine, NothingFromOutsideCanStartALineOrSteerATerminal) {
  const std::string evil = "a\nb\r\x1b[2J\x7f\xc2\x9b\\";
  EXPECT_EQ(text_line(ten_thirty, Level::error, evil, {}),
            "2026-01-27T10:30:00.000Z ERROR a\\nb\\u000d\\u001b[2J\\u007f\\u009b\\\n");
  EXPECT_EQ(json_line(0, Level::error, evil, {}),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"Error\",\"message\":"
            "\"a\\nb\\u000d\\u001b[2J\\u007f\\u009b\\\\\"}\n");
}

TEST(LogLine, InvalidAndOverlongTextStaysValidAndBounded) {
  const std::string line = json_line(0, Level::error, "\xff\xc3x", {});
  EXPECT_NE(line.find("\"message\":\"\xEF\xBF\xBD\xEF\xBF\xBDx\""), std::string::npos) << line;
  std::string smileys;
  for (int i = 0; i < 5000; ++i) smileys += "😀";
  const std::string cut = json_line(0, Level::error, "a" + smileys, {});
  EXPECT_LT(cut.size(), 4300U);
  EXPECT_NE(cut.find("😀…\""), std::string::npos);
}

TEST_F(CapturedLog, WritesWhatIsEnabledAndNothingElse) {
  EXPECT_FALSE(enabled(Level::error));
  error("before the start");
  start(Level::warning);
  EXPECT_TRUE(enabled(Level::error));
  EXPECT_FALSE(enabled(Level::information));
  EXPECT_FALSE(enabled(Level::none));
  info("silent");
  warning("one");
  set_level(Level::debug);
  debug("two");
  EXPECT_TRUE(flush(5s));
  const std::string out = take();
  EXPECT_TRUE(std::regex_match(out, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARN one\n\S+Z DEBUG two\n)")))
      << out;
  EXPECT_FALSE(enabled(Level::error));
}

TEST_F(CapturedLog, LevelNoneWritesNothing) {
  start(Level::none);
  error("silent");
  EXPECT_EQ(take(), "");
}

TEST_F(CapturedLog, LinesOfManyThreadsArriveWhole) {
  start(Level::information, Format::text, 10'000);
  std::vector<std::thread> threads;
  std::string out;
  std::thread reader([&] {
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = read(read_end_, buffer.data(), buffer.size())) > 0;) out.append(buffer.data(), n);
  });
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 1000; ++i) info("line", {{"end", true}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  stop(5s);
  close(write_end_);
  write_end_ = -1;
  reader.join();
  const std::regex line(R"(\S+Z INFO line end=true)");
  std::size_t lines = 0;
  for (std::size_t at = 0, end = 0; (end = out.find('\n', at)) != std::string::npos; at = end + 1, ++lines) {
    ASSERT_TRUE(std::regex_match(out.substr(at, end - at), line)) << out.substr(at, end - at);
  }
  EXPECT_EQ(lines, 4000U);
  EXPECT_EQ(dropped_lines(), 0U);
}

TEST_F(CapturedLog, AReaderThatStandsStillCostsLinesButNoTime) {
  constexpr std::size_t queue_lines = 64;
  start(Level::information, Format::text, queue_lines);
  const std::string text(1000, 'x');
  const base::SteadyTime begin = base::SteadyClock::now();
  for (int i = 0; i < 5000; ++i) info(text);  // the pipe holds 64 KiB and nobody reads
  EXPECT_LT(base::seconds_between(begin, base::SteadyClock::now()), 5.0);
  EXPECT_FALSE(flush(10ms));
  EXPECT_GT(dropped_lines(), 4000U);
  std::thread reader([this] {
    std::array<char, 65536> buffer;
    while (read(read_end_, buffer.data(), buffer.size()) > 0) {
    }
  });
  EXPECT_TRUE(flush(5s));
  stop(5s);
  EXPECT_GT(dropped_lines(), 4000U);  // still known after the end
  close(write_end_);
  write_end_ = -1;
  reader.join();
}

TEST_F(CapturedLog, LinesThatCannotBeWrittenCountAsDropped) {
  std::signal(SIGPIPE, SIG_IGN);
  start(Level::information);
  close(read_end_);
  info("into the void");
  EXPECT_TRUE(flush(5s));
  EXPECT_EQ(dropped_lines(), 1U);
  read_end_ = dup(write_end_);  // something for TearDown to close
}

}  // namespace
}  // namespace logging
