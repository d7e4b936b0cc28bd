// A message on its way: Draft -> Admitted -> Appended -> Stored. Each stage has one maker, and only the stage before
// can become the next. So code that announces an unstored message, or stores an unchecked one, does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "model/field_errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/participant_change.h"
#include "model/position.h"

namespace message_service {

// A sender's request, unchecked. Absent fields are absent; a field of a wrong type is already in `errors`.
struct Draft {
  std::string conversation_id;
  std::optional<std::string> temporary_message_id;
  std::optional<std::string> idempotency_key;  // the header; names the message like temporary_message_id
  std::optional<std::string> sender_id;
  std::optional<std::string> sender_type;
  std::optional<std::string> content;
  std::optional<base::Timestamp> requested_at;  // from a log record; a client cannot set it
  std::string correlation_id;                   // empty: the temporary id serves
  std::string traceparent;                      // W3C; empty: none
  std::shared_ptr<const ParticipantChange> change{};
  bool by_back_end = false;
  FieldErrors errors;
};

// The content that every later stage carries. An entry with a `change` is no message of a person: its sender is the
// person who makes the change, and it has no content.
struct Message {
  ObjectIdBytes id{};  // derive_message_id() of the next two
  std::string conversation_id;
  std::string temporary_message_id;
  std::string sender_id;
  std::string sender_type;
  std::string content;
  base::Timestamp requested_at = 0;
  std::string own_correlation_id;  // empty: the temporary id serves
  std::string traceparent;
  std::shared_ptr<const ParticipantChange> change{};
  bool by_back_end = false;  // a program of the back end sends it, which need not take part in the conversation

  const std::string& correlation_id() const {
    return own_correlation_id.empty() ? temporary_message_id : own_correlation_id;
  }
  void set_correlation_id(std::string text) {
    own_correlation_id = text == temporary_message_id ? std::string() : std::move(text);
  }

  // Whether a retry under the same key is the same message.
  bool same_content(const Message& other) const {
    return sender_id == other.sender_id && sender_type == other.sender_type && content == other.content &&
           same_change(other);
  }
  bool same_change(const Message& other) const {
    return change && other.change ? *change == *other.change : change == other.change;
  }
  bool same_key(const Message& other) const {
    return conversation_id == other.conversation_id && temporary_message_id == other.temporary_message_id;
  }
  bool repeats(const Message& other) const { return same_key(other) && same_content(other); }
};

// Roughly the memory of a message, with everything that belongs to it until it is stored: for bounds.
inline std::size_t memory_of(const Message& message) {
  constexpr std::size_t kOverhead = 512;
  return message.conversation_id.size() + message.temporary_message_id.size() + message.sender_id.size() +
         message.content.size() + message.own_correlation_id.size() + kOverhead;
}

// Checked against the limits; carries an id. Made by admit().
class Admitted {
 public:
  const Message& message() const { return message_; }
  bool key_from_client() const { return key_from_client_; }

 private:
  friend struct Admission;
  Admitted(Message message, bool key_from_client) : message_(std::move(message)), key_from_client_(key_from_client) {}
  Message message_;
  bool key_from_client_;
};

struct Admission {
  std::optional<Admitted> admitted;  // set exactly when there are no errors
  FieldErrors errors;

  static Admission of(Draft&& draft, const Limits& limits, base::Timestamp now);
};

// Names all mistakes at once. `now` stamps the message and a generated id, unless the draft brings its own time.
inline Admission admit(Draft&& draft, const Limits& limits, base::Timestamp now) {
  return Admission::of(std::move(draft), limits, now);
}

// Read back from the log. Shares its message with the Stored made of it.
class Appended {
 public:
  Appended(Position position, Admitted admitted)
      : Appended(position, std::make_shared<const Admitted>(std::move(admitted))) {}
  Appended(Position position, const std::shared_ptr<const Admitted>& admitted)
      : position_(position), message_(admitted, &admitted->message()) {}
  const Position& position() const { return position_; }
  const Message& message() const { return *message_; }

 private:
  friend class Stored;
  Position position_;
  std::shared_ptr<const Message> message_;
};

// In the store, under its real id. Made by a store, from an Appended (write-behind) or an Admitted (synchronous).
class Stored {
 public:
  Stored(const Appended& appended, std::uint64_t sequence, base::Timestamp persisted_at)
      : Stored(appended.message_, sequence, persisted_at) {}
  Stored(const Admitted& admitted, std::uint64_t sequence, base::Timestamp persisted_at)
      : Stored(std::make_shared<const Message>(admitted.message()), sequence, persisted_at) {}

  // Rebuilds a message that a store holds. For readers of stored bytes.
  static Stored from_store(Message message, std::uint64_t sequence, base::Timestamp persisted_at) {
    return {std::make_shared<const Message>(std::move(message)), sequence, persisted_at};
  }

  const Message& message() const { return *message_; }
  std::uint64_t sequence() const { return sequence_; }
  base::Timestamp persisted_at() const { return persisted_at_; }
  const ObjectIdBytes& id() const { return message_->id; }

 private:
  Stored(std::shared_ptr<const Message> message, std::uint64_t sequence, base::Timestamp persisted_at)
      : message_(std::move(message)), sequence_(sequence), persisted_at_(persisted_at) {}
  std::shared_ptr<const Message> message_;
  std::uint64_t sequence_;
  base::Timestamp persisted_at_;
};

}  // namespace message_service
