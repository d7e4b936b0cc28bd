// The bytes that a record holds, for bounds.
#pragma once

#include <cstddef>

#include "model/log_record.h"

namespace message_service {

inline std::size_t bytes_of(const LogRecord& record) {
  std::size_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

}  // namespace message_service
