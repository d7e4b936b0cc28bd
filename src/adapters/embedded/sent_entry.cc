#include "adapters/embedded/sent_entry.h"

#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

// A reference: sequence, conversation. A message: 0, length of the conversation, conversation, message.
constexpr std::size_t kNumberBytes = 8;

const Error kDamaged{ErrorCode::corrupt, "a sent event that names no message"};

}  // namespace

std::string encode_sent_reference(std::string_view conversation_id, std::uint64_t sequence) {
  std::string bytes;
  bytes.reserve(kNumberBytes + conversation_id.size());
  append_number(bytes, sequence);
  bytes.append(conversation_id);
  return bytes;
}

std::string encode_sent_message(std::string_view conversation_id, std::string_view stored_json) {
  std::string bytes;
  bytes.reserve(2 * kNumberBytes + conversation_id.size() + stored_json.size());
  append_number(bytes, 0);
  append_number(bytes, conversation_id.size());
  bytes.append(conversation_id).append(stored_json);
  return bytes;
}

Result<SentEntry> decode_sent_entry(std::string_view bytes) {
  if (bytes.size() <= kNumberBytes) return kDamaged;
  const std::uint64_t sequence = read_number(bytes);
  bytes.remove_prefix(kNumberBytes);
  if (sequence != 0) return SentEntry{.conversation_id = bytes, .sequence = sequence, .stored_json = {}};
  if (bytes.size() <= kNumberBytes) return kDamaged;
  const std::uint64_t length = read_number(bytes);
  bytes.remove_prefix(kNumberBytes);
  if (length >= bytes.size()) return kDamaged;
  return SentEntry{.conversation_id = bytes.substr(0, length), .sequence = 0, .stored_json = bytes.substr(length)};
}

Result<Stored> read_sent_message(Database& database, const SentEntry& entry) {
  if (entry.sequence == 0) return wire::read_stored(entry.stored_json);
  auto row = database.get(Table::messages, message_key(entry.conversation_id, entry.sequence));
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "a sent event whose message is missing"};
  return wire::read_stored(**row);
}

}  // namespace message_service::embedded
