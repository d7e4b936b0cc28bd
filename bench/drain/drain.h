// `message-service-bench drain`: how fast records that wait in Kafka become documents in MongoDB, announced and all.
//
// Fills topics and a database of its own on the servers that the configuration names, starts a persister on them as a
// process of its own, watches its metrics, and removes both again. `compare` measures a bare loop of inserts before and
// after it. Blocks its caller; returns the exit code.
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
