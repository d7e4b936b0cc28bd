// A group's committed place with its witness, as librdkafka's lists hold it. Private to the adapter.
#pragma once

#include <cstring>
#include <utility>

#include "adapters/kafka/handles.h"
#include "adapters/kafka/starting_point.h"

namespace message_service::kafka {

inline CommittedPlace place_of(const rd_kafka_topic_partition_t& element) {
  CommittedPlace place;
  if (element.metadata != nullptr) {
    place = from_metadata({static_cast<const char*>(element.metadata), element.metadata_size});
  }
  if (element.offset >= 0) place.next = element.offset;
  return place;
}

// The list frees the metadata.
inline void set_metadata(rd_kafka_topic_partition_t& element, const CommittedPlace& place) {
  if (element.metadata != nullptr) rd_kafka_mem_free(nullptr, std::exchange(element.metadata, nullptr));
  const std::string text = to_metadata(place);
  element.metadata = strndup(text.data(), text.size());
  element.metadata_size = element.metadata == nullptr ? 0 : text.size();
}

}  // namespace message_service::kafka
