#include "adapters/embedded/log_tail.h"

#include "adapters/embedded/codec.h"
#include "adapters/embedded/database.h"
#include "adapters/embedded/follower.h"
#include "adapters/embedded/sent_entry.h"
#include "adapters/embedded/tables.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

struct LogTail::Topic {
  Result<LogRecord> record(std::string_view bytes) const;

  std::unique_ptr<Follower> follower;
  rocksdb::ColumnFamilyHandle* table = nullptr;
  std::uint64_t next = 0;
};

// A sent event is written out in full again.
Result<LogRecord> LogTail::Topic::record(std::string_view bytes) const {
  if (table->GetName() != wire::kSentTopic) return decode_record(bytes);
  const auto entry = decode_sent_entry(bytes);
  if (!entry) return entry.error();
  std::string row(entry->stored_json);
  if (entry->sequence != 0) {
    const std::string key = message_key(entry->conversation_id, entry->sequence);
    if (const auto status = follower->db().Get({}, follower->table("messages"), key, &row); !status.ok()) {
      return to_error(status, "read a message");
    }
  }
  const auto stored = wire::read_stored(row);
  if (!stored) return stored.error();
  return wire::sent_record(*stored, row);
}

Result<std::unique_ptr<LogTail>> LogTail::open(const std::filesystem::path& data_directory, std::string_view topic,
                                               bool from_end) {
  auto follower = Follower::open(data_directory);
  if (!follower) return follower.error();
  auto followed = std::make_unique<Topic>();
  followed->table = (*follower)->table(topic);
  followed->follower = std::move(*follower);
  if (followed->table == nullptr) return Error{ErrorCode::not_found, "there is no topic " + std::string(topic)};
  if (from_end) {
    const std::unique_ptr<rocksdb::Iterator> at(followed->follower->db().NewIterator({}, followed->table));
    at->SeekToLast();
    if (at->Valid()) followed->next = read_number(at->key().ToStringView()) + 1;
  }
  return std::unique_ptr<LogTail>(new LogTail(std::move(followed)));
}

LogTail::LogTail(std::unique_ptr<Topic> topic) : topic_(std::move(topic)) {}
LogTail::~LogTail() = default;

Result<std::vector<ConsumedRecord>> LogTail::read(std::size_t records_max) {
  if (auto now = topic_->follower->catch_up(); !now) return now.error();
  std::vector<ConsumedRecord> records;
  const std::unique_ptr<rocksdb::Iterator> at(topic_->follower->db().NewIterator({}, topic_->table));
  for (at->Seek(number_key(topic_->next)); at->Valid() && records.size() < records_max; at->Next()) {
    const std::uint64_t offset = read_number(at->key().ToStringView());
    auto record = topic_->record(at->value().ToStringView());
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = static_cast<std::int64_t>(offset)}, std::move(*record)});
    topic_->next = offset + 1;
  }
  if (!at->status().ok()) return to_error(at->status(), "follow the log");
  return records;
}

}  // namespace message_service::embedded
