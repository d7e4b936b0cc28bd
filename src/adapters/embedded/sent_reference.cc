#include "adapters/embedded/sent_reference.h"

#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

constexpr std::size_t kSequenceBytes = 8;

}  // namespace

std::string encode_sent_reference(const SentReference& reference) {
  std::string bytes;
  bytes.reserve(kSequenceBytes + reference.conversation_id.size());
  append_number(bytes, reference.sequence);
  bytes.append(reference.conversation_id);
  return bytes;
}

Result<SentReference> decode_sent_reference(std::string_view bytes) {
  if (bytes.size() <= kSequenceBytes) return Error{ErrorCode::corrupt, "a sent event that names no message"};
  return SentReference{.conversation_id = bytes.substr(kSequenceBytes), .sequence = read_number(bytes)};
}

Result<Stored> read_stored_message(Database& database, const SentReference& reference) {
  auto row = database.get(Table::messages, message_key(reference.conversation_id, reference.sequence));
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "a sent event whose message is missing"};
  return wire::read_stored(**row);
}

}  // namespace message_service::embedded
