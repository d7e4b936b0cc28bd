// `message-service-bench drain`: how fast records that wait in Kafka become documents in MongoDB, and are announced.
//
// Fills topics and a database of its own on the servers that the configuration names, starts a persister on them as a
// process of its own, watches the persister's metrics, and removes the topics and the database again. `compare` also
// measures a bare loop of inserts before and after the drain. Blocks its caller; returns the exit code.
#pragma once

#include <cstdint>
#include <string>

#include "config/settings.h"

namespace message_service::bench {

struct DrainBench {
  std::uint64_t records = 300'000;
  std::uint64_t conversations = 1000;
  std::uint64_t content_bytes = 100;
  bool compare = false;
  bool quiet = false;
  std::string json_file;
};

int run_drain_bench(const DrainBench& bench, const config::Settings& settings);

}  // namespace message_service::bench
