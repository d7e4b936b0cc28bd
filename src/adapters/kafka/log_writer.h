// LogWriter on the topic of requested messages. Private to the adapter.
#pragma once

#include <memory>

#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "ports/log_writer.h"

namespace message_service::kafka {

class KafkaLogWriter final : public LogWriter {
 public:
  static Result<std::unique_ptr<KafkaLogWriter>> make(const Options& options);

  void append(LogRecord record, Handler handler) override;
  void append_message(std::shared_ptr<const Admitted> message, Handler handler) override;
  void append_to(std::int32_t partition, LogRecord record, Handler handler) override;
  void drain() override { producer_->drain(); }

  bool reachable() const { return producer_->reachable(); }
  Producer& producer() { return *producer_; }

 private:
  explicit KafkaLogWriter(std::unique_ptr<Producer> producer) : producer_(std::move(producer)) {}
  std::unique_ptr<Producer> producer_;
};

}  // namespace message_service::kafka
