// LogWriter on the topic of requested messages. Private to the adapter.
#pragma once

#include <memory>

#include "adapters/kafka/event_publisher.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "ports/log_writer.h"

namespace message_service::kafka {

class KafkaLogWriter final : public LogWriter {
 public:
  // `records`: what appends the records of other programs once more; it outlives the writer.
  static base::Result<std::unique_ptr<KafkaLogWriter>> make(const Options& options, KafkaEventPublisher& records);

  void append(LogRecord record, Handler handler) override;
  void append_message(std::shared_ptr<const Admitted> message, Handler handler) override;
  void append_to(std::int32_t partition, LogRecord record, Handler handler) override;
  void drain() override { producer_->drain(); }

  bool reachable() const { return producer_->reachable(); }
  Producer& producer() { return *producer_; }

 private:
  KafkaLogWriter(std::unique_ptr<Producer> producer, KafkaEventPublisher& records)
      : producer_(std::move(producer)), records_(records) {}
  std::unique_ptr<Producer> producer_;
  KafkaEventPublisher& records_;
};

}  // namespace message_service::kafka
