// RocksDB's errors as ours.
#pragma once

#include <rocksdb/status.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace message_service::embedded {

// Clients may read these texts: a file keeps its name in them and loses its folder.
inline std::string without_folders(std::string text) {
  for (std::size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/', slash)) {
    const std::size_t blank = text.rfind(' ', slash);
    const std::size_t begin = blank == std::string::npos ? 0 : blank + 1;
    text.erase(begin, slash + 1 - begin);
    slash = begin;
  }
  return text;
}

// `corrupt` for damaged bytes, else `unavailable`, with RocksDB's own words.
inline base::Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const bool damaged = status.IsCorruption();
  return {damaged ? base::ErrorCode::corrupt : base::ErrorCode::unavailable,
          "cannot " + std::string(doing) + ": " + without_folders(status.ToString())};
}

}  // namespace message_service::embedded
