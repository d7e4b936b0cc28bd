#include "adapters/embedded/store/event_log.h"

#include <map>
#include <memory>
#include <optional>

#include "adapters/embedded/store/row_error.h"
#include "adapters/embedded/store/store_batch.h"
#include "adapters/embedded/topic/record_codec.h"
#include "wire/event_json.h"

namespace message_service::embedded {

base::Result<void> EmbeddedEventLog::publish(const std::vector<Stored>& sent,
                                             const std::vector<DeadLetter>& dead_letters) {
  return database_.update(Database::Durability::now, [&](StoreBatch& write) -> base::Result<void> {
    for (const Stored& stored : sent) write.announce_elsewhere(stored);
    for (const DeadLetter& letter : dead_letters) write.add_dead_letter(letter);
    return {};
  });
}

base::Result<std::vector<EventLog::Found>> EmbeddedEventLog::find_dead_letters(const std::vector<Position>& origins) {
  std::map<Position, std::optional<LogRecord>> newest;
  for (const Position& origin : origins) newest[origin];
  const std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator({}, database_.table(Table::dead)));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    auto record = decode_record(at->value().ToStringView());
    if (!record) {
      damage_.left_out("dead_letters", row_error(*at, record.error()));
      continue;
    }
    const auto origin = wire::read_origin(*record);
    if (!origin || header_value(*record, "reason") == to_text(DeadReason::discarded)) continue;
    if (const auto wanted = newest.find(*origin); wanted != newest.end()) wanted->second = std::move(*record);
  }
  if (!at->status().ok()) return to_error(at->status(), "read the dead letters");
  std::vector<Found> found;
  for (auto& [origin, record] : newest) {
    if (record) found.push_back({origin, std::move(*record)});
  }
  return found;
}

}  // namespace message_service::embedded
