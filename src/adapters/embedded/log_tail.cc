#include "adapters/embedded/log_tail.h"

#include <rocksdb/db.h>

#include <algorithm>

#include "adapters/embedded/codec.h"
#include "adapters/embedded/database.h"
#include "adapters/embedded/tables.h"

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
  rocksdb::ColumnFamilyHandle* topic = nullptr;
  std::uint64_t next = 0;
};

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
  const auto named = std::ranges::find(follower->tables, topic, [](const auto* table) { return table->GetName(); });
  if (named == follower->tables.end()) return Error{ErrorCode::not_found, "no topic " + std::string(topic)};
  follower->topic = *named;
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
    auto record = decode_record(at->value().ToStringView());
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = static_cast<std::int64_t>(offset)}, std::move(*record)});
    follower_->next = offset + 1;
  }
  if (!at->status().ok()) return to_error(at->status(), "follow the log");
  return records;
}

}  // namespace message_service::embedded
