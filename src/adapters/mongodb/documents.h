// The documents of each collection. Pure functions. Private to the adapter: exposes the driver.
#pragma once

#include "adapters/mongodb/bson.h"
#include "model/conversation.h"
#include "model/dead_letter.h"
#include "model/event.h"
#include "model/message.h"

namespace message_service::mongodb {

// Names are literals, so that they end in a zero and the driver can take them as they are.
namespace collection {
inline constexpr std::string_view messages = "messages";
inline constexpr std::string_view conversations = "conversations";
inline constexpr std::string_view rejected = "rejected";
inline constexpr std::string_view dead_letters = "dead_letters";  // the open ones
inline constexpr std::string_view log_epochs = "log_epochs";
inline constexpr std::string_view log_places = "log_places";  // _id: the log
inline constexpr std::string_view sequences = "sequences";
inline constexpr std::string_view format = "format";
inline constexpr std::string_view nodes = "nodes";
inline constexpr std::string_view revocations = "revocations";  // _id: the person
}  // namespace collection

// The highest number that JavaScript reads exactly; log_sequences.h stays below it.
inline constexpr std::int64_t kSequenceMax = (std::int64_t{1} << 53) - 1;

void write_message(Writer& out, const Message& message, std::uint64_t sequence, base::Timestamp persisted_at);
base::Result<Stored> read_message(const bson_t* document);

void write_conversation(Writer& out, const Conversation& conversation);
base::Result<Conversation> read_conversation(const bson_t* document);

void write_rejection(Writer& out, const MessageRejected& rejection, base::Timestamp at);
base::Result<MessageRejected> read_rejection(const bson_t* document);

// A document that sorts by conversation, partition and offset.
void write_letter_id(Writer& out, std::string_view name, const DeadLetterKey& key);
void write_open_dead_letter(Writer& out, const OpenDeadLetter& letter);
base::Result<OpenDeadLetter> read_open_dead_letter(const bson_t* document);

}  // namespace message_service::mongodb
