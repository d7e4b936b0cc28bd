#include "adapters/embedded/codec.h"

#include "adapters/embedded/tables.h"

namespace message_service::embedded {

namespace {

constexpr char kRecordVersion = 1;
constexpr std::size_t kVarintBytesMax = 10;

void append_varint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

// Takes fields from the front; once anything is short, everything after it is, too.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  char byte() { return take(1).empty() ? '\0' : taken_[0]; }
  std::uint64_t number() { return take(8).size() == 8 ? read_number(taken_) : 0; }
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto next = static_cast<std::uint8_t>(byte());
      number |= static_cast<std::uint64_t>(next & 0x7F) << shift;
      if ((next & 0x80) == 0) return number;
    }
    failed_ = true;
    return 0;
  }
  std::string text() { return std::string(take(varint())); }

  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t count) {
    failed_ = failed_ || count > rest_.size();
    taken_ = failed_ ? std::string_view() : rest_.substr(0, count);
    rest_.remove_prefix(taken_.size());
    return taken_;
  }

  std::string_view rest_;
  std::string_view taken_;
  bool failed_ = false;
};

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

Result<LogRecord> decode_record(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.byte() != kRecordVersion) return Error{ErrorCode::corrupt, "a log record of an unknown version"};
  LogRecord record;
  record.timestamp = static_cast<Timestamp>(cursor.number());
  record.key = cursor.text();
  record.value = cursor.text();
  const std::uint64_t headers = cursor.varint();
  for (std::uint64_t i = 0; i < headers && !cursor.failed(); ++i) {
    std::string name = cursor.text();
    record.headers.push_back({std::move(name), cursor.text()});
  }
  if (!cursor.at_end()) return Error{ErrorCode::corrupt, "a log record whose lengths do not add up"};
  return record;
}

std::string encode_key_entry(const KeyEntry& entry) {
  std::string out;
  out.reserve(16 + entry.conversation_id.size() + entry.temporary_message_id.size() + entry.reason.size());
  out.push_back(static_cast<char>(entry.state));
  append_varint(out, entry.sequence);
  append_text(out, entry.conversation_id);
  append_text(out, entry.temporary_message_id);
  append_text(out, entry.reason);
  return out;
}

Result<KeyEntry> decode_key_entry(std::string_view bytes) {
  Cursor cursor(bytes);
  KeyEntry entry;
  entry.state = static_cast<KeyEntry::State>(cursor.byte());
  entry.sequence = cursor.varint();
  entry.conversation_id = cursor.text();
  entry.temporary_message_id = cursor.text();
  entry.reason = cursor.text();
  const bool known = entry.state == KeyEntry::State::stored || entry.state == KeyEntry::State::rejected;
  if (!known || !cursor.at_end()) return Error{ErrorCode::corrupt, "a key entry of an unknown form"};
  return entry;
}

}  // namespace message_service::embedded
