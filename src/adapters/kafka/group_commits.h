// A group's committed place with its witness, as librdkafka's lists hold it. Private to the adapter.
#pragma once

#include <cstring>

#include "adapters/kafka/handles.h"
#include "adapters/kafka/starting_point.h"

namespace message_service::kafka {

inline CommittedPlace place_of(const rd_kafka_topic_partition_t& element) {
  CommittedPlace place;
  if (element.offset >= 0) place.next = element.offset;
  if (element.metadata != nullptr) {
    place.witness = from_metadata({static_cast<const char*>(element.metadata), element.metadata_size});
  }
  return place;
}

// The list frees the metadata.
inline void set_witness(rd_kafka_topic_partition_t& element, const Witness& witness) {
  const std::string text = to_metadata(witness);
  element.metadata = strndup(text.data(), text.size());
  element.metadata_size = element.metadata == nullptr ? 0 : text.size();
}

}  // namespace message_service::kafka
