// The topic of sent events holds references to the stored messages: the row is the event's content, and need not be
// written twice. Where the messages are stored elsewhere, an entry holds the message itself. Whoever reads the topic
// gets the event in full either way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/embedded/database.h"
#include "base/result.h"
#include "model/message.h"

namespace message_service::embedded {

struct SentEntry {
  std::string_view conversation_id;
  std::uint64_t sequence = 0;    // of the row; 0: the message is in the entry
  std::string_view stored_json;  // the message, when it is in the entry
};

std::string encode_sent_reference(std::string_view conversation_id, std::uint64_t sequence);
std::string encode_sent_message(std::string_view conversation_id, std::string_view stored_json);

// The views live as long as the bytes.
Result<SentEntry> decode_sent_entry(std::string_view bytes);

// The message of an entry, from wherever it is.
Result<Stored> read_sent_message(Database& database, const SentEntry& entry);

}  // namespace message_service::embedded
