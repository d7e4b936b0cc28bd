// Removes records that have taken effect: records of the log that are committed, and sent events that the fan-out has
// read.
//
// It has a thread of its own. The last segment of the log and the last sent event always stay: a restart finds the next
// offset from them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/embedded/embedded.h"
#include "adapters/embedded/log/message_log.h"
#include "adapters/embedded/store/database.h"
#include "adapters/embedded/store/event_source.h"

namespace message_service::embedded {

class Retention {
 public:
  Retention(MessageLog& log, Database& database, const EmbeddedEventSource& events, const Options& options);
  ~Retention();

  // One round, as the thread does each interval. For tests, on any thread.
  void enforce();

 private:
  void run();
  void trim_sent(std::int64_t done);
  base::Timestamp oldest() const;  // the oldest time that is kept, unless the topic is too large
  std::int64_t first_younger(std::int64_t from, std::int64_t to) const;
  std::optional<base::Timestamp> time_of(std::int64_t offset) const;
  std::int64_t first_within_bytes(std::int64_t from, std::int64_t to) const;
  std::uint64_t bytes_between(std::int64_t from, std::int64_t to) const;

  MessageLog& log_;
  Database& database_;
  const EmbeddedEventSource& events_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::embedded
