#include "adapters/embedded/topic_reader.h"

#include "adapters/embedded/codec.h"

namespace message_service::embedded {

Result<std::vector<std::string>> read_raw(Database& database, Table topic, std::int64_t from, std::int64_t to) {
  std::vector<std::string> records;
  if (from >= to) return records;
  records.reserve(static_cast<std::size_t>(to - from));

  const std::unique_ptr<rocksdb::Iterator> at(database.db().NewIterator({}, database.table(topic)));
  at->Seek(number_key(static_cast<std::uint64_t>(from)));
  for (std::int64_t offset = from; offset < to; ++offset, at->Next()) {
    if (!at->status().ok()) return to_error(at->status(), "read the log");
    if (!at->Valid() || static_cast<std::int64_t>(read_number(at->key().ToStringView())) != offset) {
      return Error{ErrorCode::corrupt, "the log has no record at offset " + std::to_string(offset) + " of " +
                                           std::string(kTableNames[static_cast<std::size_t>(topic)])};
    }
    records.push_back(at->value().ToString());
  }
  return records;
}

Result<std::vector<ConsumedRecord>> read_topic(Database& database, Table topic, std::int64_t from, std::int64_t to) {
  const auto raw = read_raw(database, topic, from, to);
  if (!raw) return raw.error();
  std::vector<ConsumedRecord> records;
  records.reserve(raw->size());
  for (const std::string& bytes : *raw) {
    auto record = decode_record(bytes);
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = from++}, std::move(*record)});
  }
  return records;
}

Result<std::int64_t> first_offset(Database& database, Table topic) {
  const std::unique_ptr<rocksdb::Iterator> at(database.db().NewIterator({}, database.table(topic)));
  at->SeekToFirst();
  if (!at->status().ok()) return to_error(at->status(), "read the start of the log");
  if (!at->Valid()) return database.end(topic).next();
  return static_cast<std::int64_t>(read_number(at->key().ToStringView()));
}

}  // namespace message_service::embedded
