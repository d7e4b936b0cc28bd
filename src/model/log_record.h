// A record as a log holds it: like Kafka's, key, value, headers and a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/position.h"

namespace message_service {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

struct LogRecord {
  std::string key;
  std::string value;
  std::vector<Header> headers;
  base::Timestamp timestamp = 0;
  bool operator==(const LogRecord&) const = default;
};

class Admitted;

// Either the record, or the message from which this process made the record a moment ago, where the log still knows it.
// The message has the record's content, checked.
struct ConsumedRecord {
  Position position;
  LogRecord record;                           // empty when there is a message: wire::requested_record() makes it
  std::shared_ptr<const Admitted> message{};  // null: the record counts
};

inline std::string_view header_value(const LogRecord& record, std::string_view name) {
  for (const Header& header : record.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

namespace header_name {
inline constexpr std::string_view correlation_id = "correlation-id";
inline constexpr std::string_view traceparent = "traceparent";
inline constexpr std::string_view retry_of = "retry-of";      // a position: this record is that dead letter, once more
inline constexpr std::string_view discard_of = "discard-of";  // a position: that dead letter is discarded
}  // namespace header_name

}  // namespace message_service
