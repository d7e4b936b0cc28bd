// Lets go of log records that have taken effect: requested ones that are committed, sent ones that the fan-out has
// read.
//
// One thread of its own. The last record of a topic always stays: it is what tells the next offset after a restart.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/embedded/database.h"
#include "adapters/embedded/embedded.h"
#include "adapters/embedded/readers.h"

namespace message_service::embedded {

class Retention {
 public:
  Retention(Database& database, const EmbeddedEventSource& events, const Options& options);
  ~Retention();

  // One round, as the thread does each interval. For tests, on any thread.
  void enforce();

 private:
  void run();
  void trim(Table topic, std::int64_t done);
  std::int64_t first_younger(Table topic, std::int64_t from, std::int64_t to) const;
  std::optional<Timestamp> time_of(Table topic, std::int64_t offset) const;
  std::int64_t first_within_bytes(Table topic, std::int64_t from, std::int64_t to) const;
  std::uint64_t bytes_between(Table topic, std::int64_t from, std::int64_t to) const;

  Database& database_;
  const EmbeddedEventSource& events_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::embedded
