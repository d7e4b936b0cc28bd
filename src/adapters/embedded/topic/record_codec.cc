#include "adapters/embedded/topic/record_codec.h"

#include "adapters/embedded/topic/fields.h"

namespace message_service::embedded {

namespace {

constexpr char kRecordVersion = 1;

}  // namespace

std::size_t encoded_bytes_max(const LogRecord& record) {
  std::size_t bytes = 1 + 8 + 3 * kVarintBytesMax + record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += 2 * kVarintBytesMax + header.name.size() + header.value.size();
  return bytes;
}

std::string encode_record(const LogRecord& record) {
  std::string out;
  out.reserve(encoded_bytes_max(record));
  append_record(out, record);
  return out;
}

void append_record(std::string& out, const LogRecord& record) {
  out.push_back(kRecordVersion);
  append_number(out, static_cast<std::uint64_t>(record.timestamp));
  append_text(out, record.key);
  append_text(out, record.value);
  append_varint(out, record.headers.size());
  for (const Header& header : record.headers) {
    append_text(out, header.name);
    append_text(out, header.value);
  }
}

base::Result<LogRecord> decode_record(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.byte() != kRecordVersion)
    return base::Error{base::ErrorCode::corrupt, "a log record of an unknown version"};
  LogRecord record;
  record.timestamp = static_cast<base::Timestamp>(cursor.number());
  record.key = cursor.text();
  record.value = cursor.text();
  const std::uint64_t headers = cursor.varint();
  for (std::uint64_t i = 0; i < headers && !cursor.failed(); ++i) {
    const std::string_view name = cursor.text();
    record.headers.push_back({std::string(name), std::string(cursor.text())});
  }
  if (!cursor.at_end()) return base::Error{base::ErrorCode::corrupt, "a log record whose lengths do not add up"};
  return record;
}

}  // namespace message_service::embedded
