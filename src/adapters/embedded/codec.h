// The byte forms of log records and key entries. Pure functions. Integrity is RocksDB's: every block and every
// write-ahead record carries a checksum that is verified when read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

std::string encode_record(const LogRecord& record);
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
