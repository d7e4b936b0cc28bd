// How large the records of messages may become on the topics, with key and headers and room for Kafka's own. Pure.
#pragma once

#include <cstddef>

namespace message_service {

// Ids hold no control characters, so each of the eight places of an id takes twice the id's bytes at most.
constexpr std::size_t record_bytes_around(std::size_t id_bytes_max) { return 1536 + 16 * id_bytes_max; }

// With content that needs no escapes in JSON: a topic that takes less cannot take every message that the limits allow.
constexpr std::size_t record_bytes_plain(std::size_t content_bytes_max, std::size_t id_bytes_max) {
  return record_bytes_around(id_bytes_max) + content_bytes_max;
}

// With content of control characters, of which each takes six bytes.
constexpr std::size_t record_bytes_escaped(std::size_t content_bytes_max, std::size_t id_bytes_max) {
  return record_bytes_around(id_bytes_max) + 6 * content_bytes_max;
}

}  // namespace message_service
