#include "adapters/embedded/log_tail.h"

#include <rocksdb/db.h>

#include <algorithm>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/database.h"
#include "adapters/embedded/sent_entry.h"
#include "adapters/embedded/tables.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

// RocksDB's read-only follower keeps an info log of its own, which must not go into the folder that it follows.
Result<fs::path> make_scratch_folder() {
  std::string name = (fs::temp_directory_path() / "message-service-tail-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return Error{ErrorCode::unavailable, "cannot make a temporary folder " + name};
  return fs::path(name);
}

}  // namespace

struct LogTail::Follower {
  ~Follower() {
    for (auto* table : tables) db->DestroyColumnFamilyHandle(table);
    db.reset();
    std::error_code ignored;  // a temporary folder: what cannot be removed does no harm
    fs::remove_all(scratch, ignored);
  }

  fs::path scratch;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;
  rocksdb::ColumnFamilyHandle* table(std::string_view name) const {
    const auto found = std::ranges::find(tables, name, [](const auto* table) { return table->GetName(); });
    return found == tables.end() ? nullptr : *found;
  }
  Result<LogRecord> record(std::string_view bytes) const;

  rocksdb::ColumnFamilyHandle* topic = nullptr;
  std::uint64_t next = 0;
};

// A sent event is written out in full again.
Result<LogRecord> LogTail::Follower::record(std::string_view bytes) const {
  if (topic->GetName() != wire::kSentTopic) return decode_record(bytes);
  const auto entry = decode_sent_entry(bytes);
  if (!entry) return entry.error();
  std::string row(entry->stored_json);
  if (entry->sequence != 0) {
    const std::string key = message_key(entry->conversation_id, entry->sequence);
    if (const auto status = db->Get({}, table("messages"), key, &row); !status.ok()) {
      return to_error(status, "read a message");
    }
  }
  const auto stored = wire::read_stored(row);
  if (!stored) return stored.error();
  return wire::sent_record(*stored, row);
}

Result<std::unique_ptr<LogTail>> LogTail::open(const fs::path& data_directory, std::string_view topic, bool from_end) {
  const fs::path database = data_directory / "db";
  if (!fs::exists(database / "CURRENT")) {
    return Error{ErrorCode::not_found,
                 data_directory.string() + " holds no log; is the service's data folder named right?"};
  }
  auto scratch = make_scratch_folder();
  if (!scratch) return scratch.error();
  auto follower = std::make_unique<Follower>();
  follower->scratch = *scratch;

  auto options = database_options();
  options.create_if_missing = false;
  options.max_open_files = -1;  // as OpenAsSecondary asks
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::OpenAsSecondary(options, database.string(), scratch->string(), table_descriptors(),
                                                   &follower->tables, &raw);
  if (!status.ok()) return to_error(status, "follow the log in " + data_directory.string());
  follower->db.reset(raw);
  follower->topic = follower->table(topic);
  if (follower->topic == nullptr) return Error{ErrorCode::not_found, "there is no topic " + std::string(topic)};
  if (from_end) {
    const std::unique_ptr<rocksdb::Iterator> at(raw->NewIterator({}, follower->topic));
    at->SeekToLast();
    if (at->Valid()) follower->next = read_number(at->key().ToStringView()) + 1;
  }
  return std::unique_ptr<LogTail>(new LogTail(std::move(follower)));
}

LogTail::LogTail(std::unique_ptr<Follower> follower) : follower_(std::move(follower)) {}
LogTail::~LogTail() = default;

Result<std::vector<ConsumedRecord>> LogTail::read(std::size_t records_max) {
  if (const auto status = follower_->db->TryCatchUpWithPrimary(); !status.ok())
    return to_error(status, "follow the log");
  std::vector<ConsumedRecord> records;
  const std::unique_ptr<rocksdb::Iterator> at(follower_->db->NewIterator({}, follower_->topic));
  for (at->Seek(number_key(follower_->next)); at->Valid() && records.size() < records_max; at->Next()) {
    const std::uint64_t offset = read_number(at->key().ToStringView());
    auto record = follower_->record(at->value().ToStringView());
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = static_cast<std::int64_t>(offset)}, std::move(*record)});
    follower_->next = offset + 1;
  }
  if (!at->status().ok()) return to_error(at->status(), "follow the log");
  return records;
}

}  // namespace message_service::embedded
