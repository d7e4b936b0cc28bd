// For tests against real brokers: the one that MESSAGE_SERVICE_KAFKA names, with topics and a group of each test's own,
// or one of a test's own that may be frozen and killed.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "adapters/kafka/kafka.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::contract {

// Null where there is none.
inline const char* kafka_broker() { return std::getenv("MESSAGE_SERVICE_KAFKA"); }

inline kafka::Options fresh_kafka_options() {
  static std::atomic<int> number = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string name =
      "test-" + std::to_string(getpid()) + "-" + std::to_string(now) + "-" + std::to_string(number++);
  kafka::Options options;
  options.bootstrap_servers = kafka_broker();
  options.topic_prefix = name + ".";
  options.group_id = name;
  options.partitions = 3;
  return options;
}

inline bool eventually(const std::function<bool()>& holds, std::chrono::seconds within = std::chrono::seconds(20)) {
  for (const base::SteadyTime end = base::SteadyClock::now() + within; base::SteadyClock::now() < end;) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

// Joining a group takes a moment.
inline void await_partitions(LogReader& reader, const kafka::Options& options) {
  const bool joined = eventually([&] {
    if (reader.lag().size() == static_cast<std::size_t>(options.partitions)) return true;
    reader.keep_alive();
    return false;
  });
  if (!joined) throw std::runtime_error("the reader was given no partitions");
}

// Runs a script of the repository and gives its first line of output.
inline std::string run_script(const std::string& command) {
  FILE* pipe = popen((MESSAGE_SERVICE_SOURCE_DIR "/scripts/" + command).c_str(), "r");
  char line[512] = "";
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  if (std::fgets(line, sizeof line, pipe) == nullptr) line[0] = 0;
  if (pclose(pipe) != 0) throw std::runtime_error(command + " failed");
  std::string text = line;
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// A broker of the test's own.
class OwnBroker {
 public:
  OwnBroker() : servers_(run_script("kafka.sh start " + folder_.path().string())) {}
  ~OwnBroker() { run_script("kafka.sh stop " + folder_.path().string()); }
  const std::string& servers() const { return servers_; }
  void freeze() { run_script("kafka.sh freeze " + folder_.path().string() + " 1"); }
  void thaw() { run_script("kafka.sh thaw " + folder_.path().string() + " 1"); }
  void kill() { run_script("kafka.sh kill " + folder_.path().string() + " 1"); }
  void restart() { run_script("kafka.sh restart " + folder_.path().string() + " 1"); }

 private:
  embedded::TemporaryFolder folder_;
  std::string servers_;
};

// A suite of tests that need the broker.
class KafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kafka_broker() == nullptr) GTEST_SKIP() << "MESSAGE_SERVICE_KAFKA names no broker";
    options = fresh_kafka_options();
  }

  void connect() { kafka = kafka::Kafka::connect(options).value(); }

  static base::Result<Receipt> append(LogWriter& writer, LogRecord record) {
    std::promise<base::Result<Receipt>> answered;
    writer.append_record(std::move(record), {},
                         [&](const base::Result<Receipt>& result) { answered.set_value(result); });
    return answered.get_future().get();
  }

  // Values "0", "1", … spread over ten conversations.
  void append_numbers(int from, int to) {
    std::atomic<int> open = 0;
    for (int i = from; i < to; ++i) {
      ++open;
      kafka->log_writer().append_record({.key = "conv-" + std::to_string(i % 10), .value = std::to_string(i)}, {},
                                        [&](const base::Result<Receipt>& receipt) {
                                          EXPECT_TRUE(receipt);
                                          --open;
                                        });
    }
    EXPECT_TRUE(eventually([&] { return open == 0; }));
  }

  kafka::Options options;
  std::unique_ptr<kafka::Kafka> kafka;
};

}  // namespace message_service::contract
