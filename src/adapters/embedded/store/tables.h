// The tables of the database (RocksDB column families) and the form of their keys.
//
//   sent                    offset of its last event      -> sent row     a topic; most rows refer to `messages`
//   dead                    offset                        -> record       another topic; the third is the log itself
//   messages                conversation 0x00 sequence    -> stored JSON
//   keys                    message id, or its first bytes -> key entries  once-only key, and look-up by either id
//   conversations           conversation                  -> its JSON, with the people it was made with
//                           conversation 0x00 person      -> the person's place, once it has changed
//                           conversation 0x00             -> the sequence of the last change of participants
//   open-letters            conversation 0x00 partition offset -> JSON   dead letters neither stored nor discarded
//   meta                    name                          -> value        committed position, ids of log, history
//                           revocation/ subject           -> two times    issued before, kept until
//
// Numbers are 8 bytes, big-endian, so that RocksDB's byte order is their order. A conversation id holds no control
// characters, so 0x00 ends it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/embedded/topic/fields.h"
#include "model/ids.h"
#include "model/position.h"
#include "wire/event_json.h"

namespace message_service::embedded {

enum class Table : std::size_t { sent, dead, messages, keys, conversations, meta, open_dead_letters };

inline constexpr std::array<std::string_view, 7> kTableNames = {
    wire::kSentTopic, wire::kDeadTopic, "messages", "keys", "conversations", "meta", "open-letters"};

inline constexpr std::string_view kCommittedOffset = "committed-offset";
inline constexpr std::string_view kLogId = "log-id";
inline constexpr std::string_view kHistoryId = "history-id";

// How far the messages of a log elsewhere are stored, by partition.
inline std::string applied_key(std::int32_t partition) { return "applied-offset/" + std::to_string(partition); }

inline constexpr std::string_view kRevocationPrefix = "revocation/";
inline std::string revocation_key(std::string_view subject) { return std::string(kRevocationPrefix).append(subject); }

inline std::string message_prefix(std::string_view conversation_id) {
  std::string key(conversation_id);
  key.push_back('\0');
  return key;
}

inline void append_message_key(std::string& out, std::string_view conversation_id, std::uint64_t sequence) {
  out.append(conversation_id).push_back('\0');
  append_number(out, sequence);
}

inline std::string message_key(std::string_view conversation_id, std::uint64_t sequence) {
  std::string key;
  append_message_key(key, conversation_id, sequence);
  return key;
}

inline std::string standing_key(std::string_view conversation_id, std::string_view person_id) {
  return message_prefix(conversation_id).append(person_id);
}

inline std::string last_change_key(std::string_view conversation_id) { return message_prefix(conversation_id); }

inline std::string open_dead_letter_key(std::string_view conversation_id, Position origin) {
  std::string key = message_prefix(conversation_id);
  append_number(key, static_cast<std::uint64_t>(origin.partition));
  append_number(key, static_cast<std::uint64_t>(origin.offset));
  return key;
}

inline std::string_view bytes_of(const ObjectIdBytes& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

}  // namespace message_service::embedded
