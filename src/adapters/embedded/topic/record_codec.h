// The byte form of log records. Pure functions. The containers of the records protect integrity: RocksDB's blocks and
// write-ahead records and the frames of the log carry checksums, verified when read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

std::string encode_record(const LogRecord& record);
void append_record(std::string& out, const LogRecord& record);
std::size_t encoded_bytes_max(const LogRecord& record);  // never less than append_record() adds
base::Result<LogRecord> decode_record(std::string_view bytes);

}  // namespace message_service::embedded
