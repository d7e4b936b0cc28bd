#include "adapters/kafka/log_writer.h"

#include <utility>

#include "adapters/kafka/topic_names.h"
#include "wire/event_json.h"

namespace message_service::kafka {

base::Result<std::unique_ptr<KafkaLogWriter>> KafkaLogWriter::make(const Options& options, KafkaEventLog& records) {
  // While one request is under way the next records gather by themselves, so waiting for more gains nothing.
  auto producer = Producer::make(
      options, {.name = "kafka-writer",
                .properties = {{"linger.ms", "0"},
                               {"queue.buffering.max.messages", std::to_string(options.append_queue_records_max)},
                               {"queue.buffering.max.kbytes", std::to_string(options.append_queue_bytes_max >> 10)}},
                .topics = {TopicNames(options).requested},
                .call = Call::append});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaLogWriter>(new KafkaLogWriter(std::move(*producer), records));
}

void KafkaLogWriter::append(std::shared_ptr<const Admitted> message, Handler handler) {
  append_record(wire::requested_record(message->message()), std::nullopt, std::move(handler));
}

void KafkaLogWriter::append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) {
  if (partition) return records_.append_to(*partition, record, std::move(handler));
  if (const auto taken = producer_->produce(0, record, handler); !taken) handler(taken.error());
}

}  // namespace message_service::kafka
