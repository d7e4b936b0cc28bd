#include "observe/log.h"

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

#include "observe/log_line.h"
#include "observe/pipeline_log.h"

namespace message_service {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp ten_thirty = 1769509800000;  // 2026-01-27T10:30:00.000Z

TEST(LogLine, TextIsForPeople) {
  EXPECT_EQ(log::text_line(ten_thirty, log::Level::information, "Started",
                           {{"port", 5005}, {"mode", "write behind"}, {"none", ""}, {"tls", false}, {"load", 0.5}}),
            "2026-01-27T10:30:00.000Z INFO Started port=5005 mode=\"write behind\" tls=false load=0.5\n");
  EXPECT_EQ(log::text_line(ten_thirty, log::Level::warning, "x", {{log::correlation_id, "c"}, {log::trace_id, "t"}}),
            "2026-01-27T10:30:00.000Z WARN x\n");
}

TEST(LogLine, JsonCarriesEveryField) {
  EXPECT_EQ(log::json_line(ten_thirty, log::Level::debug, "say \"hi\"",
                           {{log::correlation_id, "c-1"}, {log::trace_id, ""}, {"n", -7}, {"bad", 0.0 / 0.0}}),
            R"({"time":"2026-01-27T10:30:00.000Z","level":"Debug","message":"say \"hi\"","correlationId":"c-1","n":-7,)"
            "\"bad\":null}\n");
}

TEST(LogLine, NothingFromOutsideCanStartALineOrSteerATerminal) {
  const std::string evil = "a\nb\r\x1b[2J\x7f\xc2\x9b\\";
  EXPECT_EQ(log::text_line(ten_thirty, log::Level::error, evil, {}),
            "2026-01-27T10:30:00.000Z ERROR a\\nb\\u000d\\u001b[2J\\u007f\\u009b\\\n");
  EXPECT_EQ(log::json_line(0, log::Level::error, evil, {}),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"Error\",\"message\":"
            "\"a\\nb\\u000d\\u001b[2J\\u007f\\u009b\\\\\"}\n");
}

TEST(LogLine, InvalidAndOverlongTextStaysValidAndBounded) {
  const std::string line = log::json_line(0, log::Level::error, "\xff\xc3x", {});
  EXPECT_NE(line.find("\"message\":\"\xEF\xBF\xBD\xEF\xBF\xBDx\""), std::string::npos) << line;
  std::string smileys;
  for (int i = 0; i < 5000; ++i) smileys += "😀";
  const std::string cut = log::json_line(0, log::Level::error, "a" + smileys, {});
  EXPECT_LT(cut.size(), 4300U);
  EXPECT_NE(cut.find("😀…\""), std::string::npos);
}

// Starts the log onto a pipe; take() stops it and returns what it wrote.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    read_end_ = ends[0];
    write_end_ = ends[1];
  }
  void TearDown() override {
    log::stop(0ms);
    close(read_end_);
    if (write_end_ >= 0) close(write_end_);
  }

  void start(log::Level level, log::Format format = log::Format::text, std::size_t queue_lines = 1024) {
    log::start({.level = level, .format = format, .queue_lines = queue_lines, .descriptor = write_end_});
  }

  std::string take() {
    log::stop(5s);
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

TEST_F(LogTest, WritesWhatIsEnabledAndNothingElse) {
  EXPECT_FALSE(log::enabled(log::Level::error));
  log::error("before the start");
  start(log::Level::warning);
  EXPECT_TRUE(log::enabled(log::Level::error));
  EXPECT_FALSE(log::enabled(log::Level::information));
  EXPECT_FALSE(log::enabled(log::Level::none));
  log::info("silent");
  log::warning("one");
  log::set_level(log::Level::debug);
  log::debug("two");
  EXPECT_TRUE(log::flush(5s));
  const std::string out = take();
  EXPECT_TRUE(std::regex_match(out, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARN one\n\S+Z DEBUG two\n)")))
      << out;
  EXPECT_FALSE(log::enabled(log::Level::error));
}

TEST_F(LogTest, LevelNoneWritesNothing) {
  start(log::Level::none);
  log::error("silent");
  EXPECT_EQ(take(), "");
}

TEST_F(LogTest, LinesOfManyThreadsArriveWhole) {
  start(log::Level::information, log::Format::text, 10'000);
  std::vector<std::thread> threads;
  std::string out;
  std::thread reader([&] {
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = read(read_end_, buffer.data(), buffer.size())) > 0;) out.append(buffer.data(), n);
  });
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 1000; ++i) log::info("line", {{"end", true}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  log::stop(5s);
  close(write_end_);
  write_end_ = -1;
  reader.join();
  const std::regex line(R"(\S+Z INFO line end=true)");
  std::size_t lines = 0;
  for (std::size_t at = 0, end = 0; (end = out.find('\n', at)) != std::string::npos; at = end + 1, ++lines) {
    ASSERT_TRUE(std::regex_match(out.substr(at, end - at), line)) << out.substr(at, end - at);
  }
  EXPECT_EQ(lines, 4000U);
  EXPECT_EQ(log::dropped_lines(), 0U);
}

TEST_F(LogTest, AReaderThatStandsStillCostsLinesButNoTime) {
  constexpr std::size_t queue_lines = 64;
  start(log::Level::information, log::Format::text, queue_lines);
  const std::string text(1000, 'x');
  const SteadyTime begin = SteadyClock::now();
  for (int i = 0; i < 5000; ++i) log::info(text);  // the pipe holds 64 KiB and nobody reads
  EXPECT_LT(seconds_between(begin, SteadyClock::now()), 5.0);
  EXPECT_FALSE(log::flush(10ms));
  EXPECT_GT(log::dropped_lines(), 4000U);
  std::thread reader([this] {
    std::array<char, 65536> buffer;
    while (read(read_end_, buffer.data(), buffer.size()) > 0) {
    }
  });
  EXPECT_TRUE(log::flush(5s));
  log::stop(5s);
  EXPECT_GT(log::dropped_lines(), 4000U);  // still known after the end
  close(write_end_);
  write_end_ = -1;
  reader.join();
}

TEST_F(LogTest, LinesThatCannotBeWrittenCountAsDropped) {
  std::signal(SIGPIPE, SIG_IGN);
  start(log::Level::information);
  close(read_end_);
  log::info("into the void");
  EXPECT_TRUE(log::flush(5s));
  EXPECT_EQ(log::dropped_lines(), 1U);
  read_end_ = dup(write_end_);  // something for TearDown to close
}

TEST_F(LogTest, TheSixLinesReadAsTheContractSays) {
  start(log::Level::debug);
  pipeline_log::published_requested("temp-abc123", "conv-123", {.correlation_id = "c", .traceparent = ""});
  pipeline_log::received_requested("temp-abc123");
  pipeline_log::flushing_batch(50, "MongoDB");
  pipeline_log::batch_completed(50, 200ms);
  pipeline_log::batch_completed(8, 12345us);
  pipeline_log::persisted("temp-abc123", "674ae9e5f2e3b5c8d4f1a2b3");
  pipeline_log::published_sent("674ae9e5f2e3b5c8d4f1a2b3");
  const std::string without_time = std::regex_replace(take(), std::regex(R"(\d{4}-\S+Z )"), "");
  EXPECT_EQ(without_time,
            "DEBUG 📤 Published SendMessageRequestedEvent: TempId=temp-abc123, ConversationId=conv-123\n"
            "DEBUG 📥 Received SendMessageRequestedEvent: TempId=temp-abc123\n"
            "INFO 🔥 Flushing batch: 50 messages to MongoDB\n"
            "INFO ✅ Batch flush completed: 50 messages in 200ms (avg: 4ms/message)\n"
            "INFO ✅ Batch flush completed: 8 messages in 12.345ms (avg: 1.543ms/message)\n"
            "DEBUG 💾 Message persisted: TempId=temp-abc123 → MongoId=674ae9e5f2e3b5c8d4f1a2b3\n"
            "DEBUG 📤 Published MessageSentEvent: MessageId=674ae9e5f2e3b5c8d4f1a2b3\n");
}

TEST_F(LogTest, MessageLinesNeedDebugAndCarryTheirOrigin) {
  const pipeline_log::Origin origin{"corr-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  start(log::Level::information, log::Format::json);
  pipeline_log::published_sent("m-1", origin);
  log::set_level(log::Level::debug);
  pipeline_log::published_sent("m-2", origin);
  const std::string out = take();
  EXPECT_EQ(out.find("m-1"), std::string::npos);
  EXPECT_NE(out.find(R"("level":"Debug","message":"📤 Published MessageSentEvent: MessageId=m-2",)"
                     R"("correlationId":"corr-1","traceId":"0af7651916cd43dd8448eb211c80319c"})"),
            std::string::npos)
      << out;
}

}  // namespace
}  // namespace message_service
