#include "adapters/kafka/records.h"

namespace message_service::kafka {

namespace {

void read_headers(const rd_kafka_message_t& message, std::vector<Header>& out) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const std::size_t count = rd_kafka_header_cnt(headers);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_header_get_all(headers, i, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    out.push_back({name, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), size)});
  }
}

}  // namespace

Headers headers_of(const LogRecord& record) {
  if (record.headers.empty()) return nullptr;
  Headers headers(rd_kafka_headers_new(record.headers.size()));
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

LogRecord record_without_value(const rd_kafka_message_t& message) {
  LogRecord record{.key = std::string(key_of(message)),
                   .value = {},
                   .headers = {},
                   .timestamp = rd_kafka_message_timestamp(&message, nullptr)};
  read_headers(message, record.headers);
  return record;
}

std::optional<Header> header_of(const rd_kafka_message_t& message, std::string_view name) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  Header header{.name = std::string(name), .value = {}};
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, header.name.c_str(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  if (value != nullptr) header.value.assign(static_cast<const char*>(value), size);
  return header;
}

ConsumedRecord consumed_record(const rd_kafka_message_t& message) {
  ConsumedRecord consumed{.position = {.partition = message.partition, .offset = message.offset},
                          .record = record_without_value(message)};
  consumed.record.value = value_of(message);
  return consumed;
}

}  // namespace message_service::kafka
