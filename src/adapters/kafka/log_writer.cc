#include "adapters/kafka/log_writer.h"

#include <utility>

#include "adapters/kafka/topic_names.h"
#include "wire/event_json.h"

namespace message_service::kafka {

base::Result<std::unique_ptr<KafkaLogWriter>> KafkaLogWriter::make(const Options& options,
                                                                   KafkaEventPublisher& records) {
  // While one request is under way the next ones gather by themselves, so waiting for company gains nothing.
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

void KafkaLogWriter::append(LogRecord record, Handler handler) {
  if (const auto taken = producer_->produce(0, record, handler); !taken) handler(taken.error());
}

void KafkaLogWriter::append_message(std::shared_ptr<const Admitted> message, Handler handler) {
  append(wire::requested_record(message->message()), std::move(handler));
}

void KafkaLogWriter::append_to(std::int32_t partition, LogRecord record, Handler handler) {
  records_.append_to(partition, record, std::move(handler));
}

}  // namespace message_service::kafka
