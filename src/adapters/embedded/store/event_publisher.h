// The embedded log's topics of sent events and dead letters, for messages that are stored elsewhere.
#pragma once

#include "adapters/embedded/store/database.h"
#include "ports/event_publisher.h"

namespace message_service::embedded {

class EmbeddedEventPublisher final : public EventPublisher {
 public:
  explicit EmbeddedEventPublisher(Database& database) : database_(database) {}
  base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) override;

 private:
  Database& database_;
};

}  // namespace message_service::embedded
