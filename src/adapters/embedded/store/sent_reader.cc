#include "adapters/embedded/store/sent_reader.h"

#include <algorithm>
#include <string>

namespace message_service::embedded {

SentReader::SentReader(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table, std::int64_t from)
    : rows_(db.NewIterator({}, table)), next_(from) {
  rows_->Seek(number_key(static_cast<std::uint64_t>(from)));
}

base::Result<std::optional<SentEvent>> SentReader::next() {
  if (left_ == row_.size()) {
    if (begun_ && rows_->Valid()) rows_->Next();
    if (!rows_->status().ok()) return to_error(rows_->status(), "read the sent events");
    if (!rows_->Valid()) return std::optional<SentEvent>();
    if (auto read = read_row(); !read) return read.error();
    begun_ = true;
  }
  return std::optional(SentEvent{.offset = next_++, .entry = row_[left_++]});
}

base::Result<void> SentReader::read_row() {
  auto row = decode_sent_row(rows_->value().ToStringView());
  if (!row) return row.error();
  row_ = std::move(*row);
  const auto last = static_cast<std::int64_t>(read_number(rows_->key().ToStringView()));
  const std::int64_t first = last - static_cast<std::int64_t>(row_.size()) + 1;
  if (begun_ && first != next_) {
    return base::Error{base::ErrorCode::corrupt, "there is no sent event at offset " + std::to_string(next_)};
  }
  next_ = std::max(next_, first);
  left_ = static_cast<std::size_t>(next_ - first);
  return {};
}

}  // namespace message_service::embedded
