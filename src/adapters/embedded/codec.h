// The byte forms of log records and key entries. Pure functions. Integrity is the business of where they
// lie: RocksDB's blocks and write-ahead records and the frames of the log carry checksums, verified when read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

std::string encode_record(const LogRecord& record);
void append_record(std::string& out, const LogRecord& record);
std::size_t encoded_bytes_max(const LogRecord& record);  // never less than what append_record() adds
Result<LogRecord> decode_record(std::string_view bytes);

// What the table `keys` knows of a message id: stored under a sequence, or rejected for a reason.
struct KeyEntry {
  enum class State : char { stored = 'S', rejected = 'R' };
  State state = State::stored;
  std::uint64_t sequence = 0;  // 0 for a rejected one
  std::string conversation_id;
  std::string temporary_message_id;
  std::string reason;  // empty for a stored one
};

std::string encode_key_entry(const KeyEntry& entry);
Result<KeyEntry> decode_key_entry(std::string_view bytes);

}  // namespace message_service::embedded
