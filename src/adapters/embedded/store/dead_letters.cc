#include "adapters/embedded/store/dead_letters.h"

#include <map>

#include "adapters/embedded/store/tables.h"
#include "adapters/embedded/topic/record_codec.h"
#include "wire/event_json.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::embedded {

namespace {

std::string named(const rocksdb::Iterator& row, const base::Error& error) {
  return "the row " + row.key().ToString(true) + ": " + error.text;
}

}  // namespace

base::Result<std::vector<OpenDeadLetter>> EmbeddedOpenDeadLetters::open_dead_letters(const OpenDeadLetterQuery& query) {
  const std::string prefix = query.conversation_id ? message_prefix(*query.conversation_id) : std::string();
  std::string first = prefix;
  if (query.after) {
    const Position next{query.after->origin.partition, query.after->origin.offset + 1};
    first = open_dead_letter_key(query.after->conversation_id, next);
  }
  std::vector<OpenDeadLetter> letters;
  const std::unique_ptr<rocksdb::Iterator> at(
      database_.db().NewIterator({}, database_.table(Table::open_dead_letters)));
  for (at->Seek(first); at->Valid() && letters.size() < query.limit; at->Next()) {
    if (!at->key().ToStringView().starts_with(prefix)) break;
    auto letter = wire::read_open_dead_letter(at->value().ToStringView());
    if (letter) {
      letters.push_back(std::move(*letter));
    } else {
      damage_.left_out("dead_letters", named(*at, letter.error()));
    }
  }
  if (!at->status().ok()) return to_error(at->status(), "read the open dead letters");
  return letters;
}

base::Result<std::vector<DeadLetterReader::Found>> EmbeddedDeadLetters::find_dead_letters(
    const std::vector<Position>& origins) {
  std::map<Position, std::optional<LogRecord>> newest;
  for (const Position& origin : origins) newest[origin];
  const std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator({}, database_.table(Table::dead)));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    auto record = decode_record(at->value().ToStringView());
    if (!record) {
      damage_.left_out("dead_letters", named(*at, record.error()));
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
