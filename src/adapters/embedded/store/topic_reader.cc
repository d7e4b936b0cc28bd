#include "adapters/embedded/store/topic_reader.h"

#include "adapters/embedded/topic/record_codec.h"

namespace message_service::embedded {

base::Result<std::vector<ConsumedRecord>> read_topic(Database& database, Table topic, std::int64_t from,
                                                     std::int64_t to) {
  std::vector<ConsumedRecord> records;
  if (from >= to) return records;
  records.reserve(static_cast<std::size_t>(to - from));

  const std::unique_ptr<rocksdb::Iterator> at(database.db().NewIterator({}, database.table(topic)));
  at->Seek(number_key(static_cast<std::uint64_t>(from)));
  for (std::int64_t offset = from; offset < to; ++offset, at->Next()) {
    if (!at->status().ok()) return to_error(at->status(), "read the log");
    if (!at->Valid() || static_cast<std::int64_t>(read_number(at->key().ToStringView())) != offset) {
      return base::Error{base::ErrorCode::corrupt, "the log has no record at offset " + std::to_string(offset) +
                                                       " of " +
                                                       std::string(kTableNames[static_cast<std::size_t>(topic)])};
    }
    auto record = decode_record(at->value().ToStringView());
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = offset}, std::move(*record)});
  }
  return records;
}

}  // namespace message_service::embedded
