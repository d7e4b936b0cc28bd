#include "adapters/embedded/store/sent_row.h"

#include "adapters/embedded/store/history.h"
#include "tracing/trace_context.h"
#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

// A reference: sequence, length of the conversation, conversation. A message: 0, the same two, message to the end.
// Where the number at the front has the bit, a traceparent and its length follow the conversation.
constexpr std::size_t kFixedBytes = 2 * kNumberBytes;
constexpr std::uint64_t kTraced = std::uint64_t{1} << 63;  // no sequence comes near it

const base::Error kDamaged{base::ErrorCode::corrupt, "a sent event that names no message"};

void append_entry(std::string& bytes, std::uint64_t sequence, std::string_view conversation_id,
                  std::string_view traceparent) {
  append_number(bytes, traceparent.empty() ? sequence : sequence | kTraced);
  append_number(bytes, conversation_id.size());
  bytes.append(conversation_id);
  if (!traceparent.empty()) append_text(bytes, traceparent);
}

}  // namespace

void SentReferences::add(std::string_view conversation_id, std::uint64_t sequence, std::string_view traceparent) {
  append_entry(bytes_, sequence, conversation_id, traceparent);
}

std::string encode_sent_message(std::string_view conversation_id, std::string_view traceparent,
                                std::string_view stored_json) {
  std::string bytes;
  bytes.reserve(kFixedBytes + conversation_id.size() + kVarintBytesMax + traceparent.size() + stored_json.size());
  append_entry(bytes, 0, conversation_id, traceparent);
  return bytes.append(stored_json);
}

base::Result<std::vector<SentEntry>> decode_sent_row(std::string_view bytes) {
  std::vector<SentEntry> entries;
  Cursor cursor(bytes);
  do {
    const std::uint64_t front = cursor.number();
    SentEntry entry{.conversation_id = {}, .sequence = front & ~kTraced, .traceparent = {}, .stored_json = {}};
    entry.conversation_id = cursor.take(cursor.number());
    if ((front & kTraced) != 0) entry.traceparent = tracing::valid_traceparent(cursor.text());
    if (entry.sequence == 0) entry.stored_json = cursor.rest();
    if (cursor.failed() || entry.conversation_id.empty()) return kDamaged;
    if (entry.sequence == 0 && entry.stored_json.empty()) return kDamaged;
    entries.push_back(entry);
  } while (!cursor.at_end());
  return entries;
}

base::Result<Stored> read_sent_message(Database& database, const SentEntry& entry) {
  if (entry.sequence == 0) return wire::read_stored(entry.stored_json, entry.traceparent);
  auto row = database.get(Table::messages, message_key(entry.conversation_id, entry.sequence));
  if (!row) return row.error();
  if (!*row) return base::Error{base::ErrorCode::corrupt, "a sent event whose message is missing"};
  return read_message_row(entry.conversation_id, entry.sequence, **row, entry.traceparent);
}

}  // namespace message_service::embedded
