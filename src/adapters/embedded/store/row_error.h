// The error text for a row that cannot be read.
#pragma once

#include <rocksdb/iterator.h>

#include <string>

#include "base/result.h"

namespace message_service::embedded {

inline std::string row_error(const rocksdb::Iterator& row, const base::Error& error) {
  return "the row " + row.key().ToString(true) + ": " + error.text;
}

}  // namespace message_service::embedded
