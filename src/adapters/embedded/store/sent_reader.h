// Reads the topic of sent events, event by event. Rows that do not adjoin are damage: the reader reports them and never
// skips them. One thread; the reader sees the rows that were written before its construction.
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
  // Begins with the event at `from`, or with the first one after it when that event was removed.
  SentReader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table, std::int64_t from);

  // Nothing at the end. The event's views stay valid until the next call.
  base::Result<std::optional<SentEvent>> next();

 private:
  base::Result<void> read_row();

  const std::unique_ptr<rocksdb::Iterator> rows_;
  std::int64_t next_;
  bool begun_ = false;
  std::vector<SentEntry> row_;  // its unread entries begin at left_
  std::size_t left_ = 0;
};

}  // namespace message_service::embedded
