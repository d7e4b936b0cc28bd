// One line of a recorded history (docs/verify.md). Values; the texts lie in the memory of whoever made the event.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace message_service::verify {

enum class EventKind : std::uint8_t { recording, sending, sent, view, received, settled, listing, stored, listed };

enum class SendOutcome : std::uint8_t { unknown, ok, refused };

// A message as the service gives it.
struct SeenMessage {
  std::string_view id{};
  std::string_view key{};  // temporaryMessageId
  std::string_view conversation_id{};
  std::string_view sender_id{};
  std::string_view sender_type{};
  std::string_view content{};
  std::string_view sent_at{};
  std::uint64_t sequence = 0;
  bool is_change = false;  // an entry about a participant, which is no message
};

// Which members count depends on the kind.
struct HistoryEvent {
  EventKind kind = EventKind::recording;
  SendOutcome outcome = SendOutcome::unknown;
  std::string_view conversation_id{};
  std::string_view key{};
  std::optional<std::string_view> content{};
  std::string_view view{};
  std::string_view clock{};
  double at_ms = 0;
  std::uint64_t sequence = 0;  // afterSequence of a view, upTo of a settled one
  SeenMessage message{};
};

}  // namespace message_service::verify
