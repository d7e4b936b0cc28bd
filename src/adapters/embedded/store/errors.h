// RocksDB's errors as ours.
#pragma once

#include <rocksdb/status.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace message_service::embedded {

// `corrupt` for damaged bytes, else `unavailable`, with RocksDB's own words.
inline base::Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const bool damaged = status.IsCorruption();
  return {damaged ? base::ErrorCode::corrupt : base::ErrorCode::unavailable,
          "cannot " + std::string(doing) + ": " + status.ToString()};
}

}  // namespace message_service::embedded
