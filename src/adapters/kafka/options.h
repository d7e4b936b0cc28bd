// The options of the Kafka adapter. Values; the service makes them from the configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/bounds.h"
#include "model/record_version.h"
#include "observe/damage.h"

namespace message_service::kafka {

using Milliseconds = std::chrono::milliseconds;

// Where a consumer group that has never committed anything starts.
enum class OffsetReset { earliest, latest };

struct Options {
  std::string bootstrap_servers = "localhost:9092";
  std::string group_id = "message-service-group";
  OffsetReset auto_offset_reset = OffsetReset::earliest;
  std::string topic_prefix;
  std::map<std::string, std::string> client;  // librdkafka's own properties; see client_conf.h for ours

  // The highest version of records that this program reads.
  int reads_records = kRecordVersion;

  // How long a record may wait for Kafka before its outcome is reported.
  Milliseconds publish_timeout = Milliseconds(5000);
  static constexpr base::Bounds<Milliseconds> publish_timeout_bounds{Milliseconds(100), std::chrono::minutes(10)};
  std::size_t append_queue_records_max = 65536;
  std::size_t append_queue_bytes_max = std::size_t{64} << 20;

  // For missing topics, which the start makes.
  std::int32_t partitions = 6;
  static constexpr base::Bounds<std::int32_t> partitions_bounds{1, 10'000};
  std::int16_t replication_factor = 0;  // 0: as the brokers are configured
  static constexpr base::Bounds<std::int16_t> replication_factor_bounds{0, 100};
  Milliseconds retention_age_max = std::chrono::hours(168);
  static constexpr base::Bounds retention_age_bounds{std::chrono::hours(1), std::chrono::hours(87'600)};

  // The size of a record with a message of the largest content: at least, and when each character needs an escape.
  std::size_t record_bytes_least = 0;
  std::size_t record_bytes_max = 0;

  // How long Kafka may take to show a record again: milliseconds, and seconds on a starved machine.
  Milliseconds witness_timeout = Milliseconds(3000);

  // How long connecting, making topics and looking things up may take.
  Milliseconds connect_timeout = Milliseconds(10000);

  std::shared_ptr<Damage> damage = std::make_shared<Damage>();  // notified of events that cannot be read
};

}  // namespace message_service::kafka
