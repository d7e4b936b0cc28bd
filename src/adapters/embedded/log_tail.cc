#include "adapters/embedded/log_tail.h"

#include "adapters/embedded/log/log_follower.h"
#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/follower.h"
#include "adapters/embedded/store/sent_reader.h"
#include "adapters/embedded/store/tables.h"
#include "adapters/embedded/topic/record_codec.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

struct LogTail::Topic {
  base::Result<std::vector<ConsumedRecord>> read_table(std::size_t records_max);
  base::Result<std::vector<ConsumedRecord>> read_sent(std::size_t events_max);
  base::Result<LogRecord> sent_record_of(const SentEntry& entry) const;

  std::unique_ptr<LogFollower> log;  // either this, or the members below
  std::unique_ptr<Follower> follower;
  rocksdb::ColumnFamilyHandle* table = nullptr;
  std::int64_t next = 0;
};

// The record of a sent event, in full again.
base::Result<LogRecord> LogTail::Topic::sent_record_of(const SentEntry& entry) const {
  std::string row(entry.stored_json);
  if (entry.sequence != 0) {
    const std::string key = message_key(entry.conversation_id, entry.sequence);
    if (const auto status = follower->db().Get({}, follower->table("messages"), key, &row); !status.ok()) {
      return to_error(status, "read a message");
    }
  }
  const auto stored = wire::read_stored(row, entry.traceparent);
  if (!stored) return stored.error();
  return wire::sent_record(*stored, row);
}

base::Result<std::unique_ptr<LogTail>> LogTail::open(const std::filesystem::path& data_directory,
                                                     std::string_view topic, bool from_end) {
  auto followed = std::make_unique<Topic>();
  if (topic == wire::kRequestedTopic) {
    auto log = LogFollower::open(data_directory, from_end);
    if (!log) return log.error();
    followed->log = std::move(*log);
    return std::unique_ptr<LogTail>(new LogTail(std::move(followed)));
  }
  auto follower = Follower::open(data_directory);
  if (!follower) return follower.error();
  followed->table = (*follower)->table(topic);
  followed->follower = std::move(*follower);
  if (followed->table == nullptr)
    return base::Error{base::ErrorCode::not_found, "there is no topic " + std::string(topic)};
  if (from_end) {
    const std::unique_ptr<rocksdb::Iterator> at(followed->follower->db().NewIterator({}, followed->table));
    at->SeekToLast();
    if (at->Valid()) followed->next = static_cast<std::int64_t>(read_number(at->key().ToStringView())) + 1;
  }
  return std::unique_ptr<LogTail>(new LogTail(std::move(followed)));
}

LogTail::LogTail(std::unique_ptr<Topic> topic) : topic_(std::move(topic)) {}
LogTail::~LogTail() = default;

base::Result<std::vector<ConsumedRecord>> LogTail::read(std::size_t records_max) {
  if (topic_->log) return topic_->log->read(records_max);
  if (auto now = topic_->follower->catch_up(); !now) return now.error();
  if (topic_->table->GetName() != wire::kSentTopic) return topic_->read_table(records_max);
  auto records = topic_->read_sent(records_max);
  if (records || records.error().code != base::ErrorCode::corrupt) return records;
  // Beside a writer a row may be missing from one read: the files that held it are removed, and the follower has not
  // read its new file yet.
  if (auto now = topic_->follower->catch_up(); !now) return now.error();
  return topic_->read_sent(records_max);
}

base::Result<std::vector<ConsumedRecord>> LogTail::Topic::read_sent(std::size_t events_max) {
  std::vector<ConsumedRecord> records;
  std::int64_t read_to = next;
  SentReader reader(follower->db(), table, next);
  while (records.size() < events_max) {
    const auto event = reader.next();
    if (!event) return event.error();
    if (!*event) break;
    auto record = sent_record_of((*event)->entry);
    if (!record) return record.error();
    records.push_back({{.partition = 0, .offset = (*event)->offset}, std::move(*record)});
    read_to = (*event)->offset + 1;
  }
  next = read_to;
  return records;
}

base::Result<std::vector<ConsumedRecord>> LogTail::Topic::read_table(std::size_t records_max) {
  std::vector<ConsumedRecord> records;
  const std::unique_ptr<rocksdb::Iterator> at(follower->db().NewIterator({}, table));
  for (at->Seek(number_key(static_cast<std::uint64_t>(next))); at->Valid() && records.size() < records_max;
       at->Next()) {
    auto record = decode_record(at->value().ToStringView());
    if (!record) return record.error();
    const auto offset = static_cast<std::int64_t>(read_number(at->key().ToStringView()));
    records.push_back({{.partition = 0, .offset = offset}, std::move(*record)});
    next = offset + 1;
  }
  if (!at->status().ok()) return to_error(at->status(), "follow the log");
  return records;
}

}  // namespace message_service::embedded
