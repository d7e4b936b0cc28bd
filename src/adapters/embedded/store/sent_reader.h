// Goes over the topic of sent events, event by event. Rows that do not join are damage and are reported, never stepped
// over. One thread; sees what was written before it was made.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/embedded/store/sent_row.h"
#include "base/result.h"

namespace message_service::embedded {

struct SentEvent {
  std::int64_t offset;
  SentEntry entry;
};

class SentReader {
 public:
  // Begins with the event at `from`, or the first one behind it where that is gone.
  SentReader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table, std::int64_t from);

  // Nothing at the end. Its views live until the next call.
  base::Result<std::optional<SentEvent>> next();

 private:
  base::Result<void> read_row();

  const std::unique_ptr<rocksdb::Iterator> rows_;
  std::int64_t next_;
  bool begun_ = false;
  std::vector<SentEntry> row_;  // what is left of it begins with left_
  std::size_t left_ = 0;
};

}  // namespace message_service::embedded
