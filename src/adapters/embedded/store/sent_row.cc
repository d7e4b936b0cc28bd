#include "adapters/embedded/store/sent_row.h"

#include <utility>

#include "adapters/embedded/store/history.h"
#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

// A reference: sequence, length of the conversation, conversation. A message: 0, the same two, message to the end.
constexpr std::size_t kFixedBytes = 2 * kNumberBytes;

const base::Error kDamaged{base::ErrorCode::corrupt, "a sent event that names no message"};

void append_entry(std::string& bytes, std::uint64_t sequence, std::string_view conversation_id) {
  append_number(bytes, sequence);
  append_number(bytes, conversation_id.size());
  bytes.append(conversation_id);
}

}  // namespace

void SentReferences::add(std::string_view conversation_id, std::uint64_t sequence) {
  append_entry(bytes_, sequence, conversation_id);
}

std::string encode_sent_message(std::string_view conversation_id, std::string_view stored_json) {
  std::string bytes;
  bytes.reserve(kFixedBytes + conversation_id.size() + stored_json.size());
  append_entry(bytes, 0, conversation_id);
  return bytes.append(stored_json);
}

base::Result<std::vector<SentEntry>> decode_sent_row(std::string_view bytes) {
  std::vector<SentEntry> entries;
  while (!bytes.empty()) {
    if (bytes.size() < kFixedBytes) return kDamaged;
    SentEntry entry{.conversation_id = {}, .sequence = read_number(bytes), .stored_json = {}};
    const std::uint64_t length = read_number(bytes.substr(kNumberBytes));
    bytes.remove_prefix(kFixedBytes);
    if (length == 0 || length > bytes.size()) return kDamaged;
    entry.conversation_id = bytes.substr(0, length);
    bytes.remove_prefix(length);
    if (entry.sequence == 0) entry.stored_json = std::exchange(bytes, {});
    if (entry.sequence == 0 && entry.stored_json.empty()) return kDamaged;
    entries.push_back(entry);
  }
  if (entries.empty()) return kDamaged;
  return entries;
}

base::Result<Stored> read_sent_message(Database& database, const SentEntry& entry) {
  if (entry.sequence == 0) return wire::read_stored(entry.stored_json);
  auto row = database.get(Table::messages, message_key(entry.conversation_id, entry.sequence));
  if (!row) return row.error();
  if (!*row) return base::Error{base::ErrorCode::corrupt, "a sent event whose message is missing"};
  return read_message_row(entry.conversation_id, entry.sequence, **row);
}

}  // namespace message_service::embedded
