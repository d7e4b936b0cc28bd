// The names of the service's three topics on the brokers. Private to the adapter.
#pragma once

#include <string>

#include "adapters/kafka/options.h"
#include "wire/event_json.h"

namespace message_service::kafka {

struct TopicNames {
  explicit TopicNames(const Options& options)
      : requested(options.topic_prefix + std::string(wire::kRequestedTopic)),
        sent(options.topic_prefix + std::string(wire::kSentTopic)),
        dead(options.topic_prefix + std::string(wire::kDeadTopic)) {}

  std::string requested, sent, dead;
};

}  // namespace message_service::kafka
