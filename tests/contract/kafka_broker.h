// For tests against a real broker, which MESSAGE_SERVICE_KAFKA names: topics and a group of each test's own.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "adapters/kafka/kafka.h"

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

// Joining a group takes a moment.
inline void await_partitions(LogReader& reader, const kafka::Options& options) {
  for (const SteadyTime end = SteadyClock::now() + std::chrono::seconds(30); SteadyClock::now() < end;) {
    if (reader.lag().size() == static_cast<std::size_t>(options.partitions)) return;
    reader.keep_alive();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error("the reader was given no partitions");
}

}  // namespace message_service::contract
