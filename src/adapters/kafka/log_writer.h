// LogWriter on the topic of requested messages. Private to the adapter.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "adapters/kafka/event_log.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"
#include "ports/log_writer.h"

namespace message_service::kafka {

class KafkaLogWriter final : public LogWriter {
 public:
  // `records` appends the records of other programs again. It outlives the writer.
  static base::Result<std::unique_ptr<KafkaLogWriter>> make(const Options& options, KafkaEventLog& records);

  void append(std::shared_ptr<const Admitted> message, Handler handler) override;
  void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) override;
  base::Result<std::vector<base::Result<void>>> append_again(const std::vector<MovedRecord>& records) override {
    return records_.append_again(records);
  }
  void drain() override { producer_->drain(); }

  bool reachable() const { return producer_->reachable(); }
  Producer& producer() { return *producer_; }

 private:
  KafkaLogWriter(std::unique_ptr<Producer> producer, KafkaEventLog& records)
      : producer_(std::move(producer)), records_(records) {}
  std::unique_ptr<Producer> producer_;
  KafkaEventLog& records_;
};

}  // namespace message_service::kafka
