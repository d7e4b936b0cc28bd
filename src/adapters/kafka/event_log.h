// EventLog on the topics of sent messages and of dead letters. Also appends the records of other programs to the log.
// Private to the adapter.
//
// Its producer compresses, so that it can write again any record that another program could write. A record that no
// broker will ever take does not stop the others: an event is left out, and clients find its message in the store; a
// dead letter becomes a reference to the record in the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/dead_letter_reader.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "model/batch.h"
#include "ports/event_log.h"

namespace message_service::kafka {

class KafkaEventLog final : public EventLog {
 public:
  // The cluster outlives the event log.
  static base::Result<std::unique_ptr<KafkaEventLog>> make(const Options& options, Cluster& cluster);

  base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) override;
  base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override {
    return dead_letters_.find(origins);
  }

  // See LogWriter.
  base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records);
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

  KafkaEventLog(const Options& options, Cluster& cluster, std::unique_ptr<Producer> producer)
      : patience_(2 * options.publish_timeout), producer_(std::move(producer)), dead_letters_(options, cluster) {}
  bool produce(const Outgoing& one, std::size_t at, const std::shared_ptr<Round>& round);
  base::Result<Refused> send_all(std::size_t count, const std::function<Outgoing(std::size_t at)>& outgoing);
  base::Result<void> send_alone(const Outgoing& one);
  base::Result<void> send_alone(const Stored& stored);
  base::Result<void> send_alone(const DeadLetter& letter, base::Timestamp failed_at);

  const Milliseconds patience_;
  std::unique_ptr<Producer> producer_;
  DeadLetterReader dead_letters_;
};

}  // namespace message_service::kafka
