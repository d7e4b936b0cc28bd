// The topic of sent events holds references to the stored messages: the row is the event's content, and need not be
// written twice. Whoever reads the topic gets the event in full.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/embedded/database.h"
#include "base/result.h"
#include "model/message.h"

namespace message_service::embedded {

struct SentReference {
  std::string_view conversation_id;
  std::uint64_t sequence;
};

std::string encode_sent_reference(const SentReference& reference);

// The view lives as long as the bytes.
Result<SentReference> decode_sent_reference(std::string_view bytes);

Result<Stored> read_stored_message(Database& database, const SentReference& reference);

}  // namespace message_service::embedded
