// EventPublisher on the topics of sent messages and of dead letters. Private to the adapter.
#pragma once

#include <memory>

#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "ports/event_publisher.h"

namespace message_service::kafka {

class KafkaEventPublisher final : public EventPublisher {
 public:
  static Result<std::unique_ptr<KafkaEventPublisher>> make(const Options& options);

  Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) override;

 private:
  class Call;
  KafkaEventPublisher(const Options& options, std::unique_ptr<Producer> producer)
      : patience_(2 * options.publish_timeout), producer_(std::move(producer)) {}
  bool produce(std::size_t topic, const LogRecord& record, const std::shared_ptr<Call>& call);

  const Milliseconds patience_;
  std::unique_ptr<Producer> producer_;
};

}  // namespace message_service::kafka
