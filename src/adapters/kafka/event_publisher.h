// EventPublisher on the topics of sent messages and of dead letters, and on the log for the records of other programs.
// Private to the adapter.
//
// Its producer compresses, so that a record which another program could write can be written once more. A record that
// no broker will ever take stops nobody: an event is left out, and clients find its message in the store; a dead letter
// becomes a reference to the record in the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "ports/event_publisher.h"

namespace message_service::kafka {

class KafkaEventPublisher final : public EventPublisher {
 public:
  static base::Result<std::unique_ptr<KafkaEventPublisher>> make(const Options& options);

  base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) override;
  base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records) override;

  // See LogWriter::append_to().
  void append_to(std::int32_t partition, const LogRecord& record, Producer::Handler handler);

 private:
  class Round;
  using Refused = std::map<std::size_t, base::Error>;  // by the record's number in its call
  struct Target {
    std::size_t topic;
    std::int32_t partition = RD_KAFKA_PARTITION_UA;
  };
  struct Outgoing {
    Target target;
    LogRecord record;
  };

  KafkaEventPublisher(const Options& options, std::unique_ptr<Producer> producer)
      : patience_(2 * options.publish_timeout), producer_(std::move(producer)) {}
  bool produce(const Outgoing& one, std::size_t at, const std::shared_ptr<Round>& round);
  base::Result<Refused> send_all(std::size_t count, const std::function<Outgoing(std::size_t at)>& outgoing);
  base::Result<void> send_alone(const Outgoing& one);
  base::Result<void> send_alone(const Stored& stored);
  base::Result<void> send_alone(const DeadLetter& letter, base::Timestamp failed_at);

  const Milliseconds patience_;
  std::unique_ptr<Producer> producer_;
};

}  // namespace message_service::kafka
