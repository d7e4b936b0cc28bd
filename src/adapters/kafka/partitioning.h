// Where the service's producers put a record: by murmur2 of its key, as Java's clients do. Private to the adapter.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string_view>

namespace message_service::kafka {

inline constexpr const char* kPartitioner = "murmur2_random";  // random only where there is no key

inline std::int32_t partition_for(std::string_view key, std::int32_t partitions) {
  return rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), partitions, nullptr, nullptr);
}

}  // namespace message_service::kafka
