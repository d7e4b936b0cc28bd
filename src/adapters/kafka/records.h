// Records in the pipeline's form and in librdkafka's. Private to the adapter.
#pragma once

#include <optional>
#include <string_view>

#include "adapters/kafka/handles.h"
#include "model/log_record.h"

namespace message_service::kafka {

// None for a record without headers.
Headers headers_of(const LogRecord& record);

// One copy of everything.
ConsumedRecord consumed_record(const rd_kafka_message_t& message);

// The copy without the value, which is most of a record.
LogRecord record_without_value(const rd_kafka_message_t& message);

// A copy of the named header alone, when the record has it.
std::optional<Header> header_of(const rd_kafka_message_t& message, std::string_view name);

inline std::string_view key_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.key), message.key_len};
}

inline std::string_view value_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

}  // namespace message_service::kafka
