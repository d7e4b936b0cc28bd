// The JSON forms of the events on the three topics (contract, section 3). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/dead_letter.h"
#include "model/event.h"
#include "model/log_record.h"
#include "model/message.h"

namespace message_service::wire {

inline constexpr std::string_view kRequestedTopic = "SendMessageRequestedEvent";
inline constexpr std::string_view kSentTopic = "MessageSentEvent";
inline constexpr std::string_view kDeadTopic = "SendMessageRequestedEvent.DeadLetter";

// SendMessageRequestedEvent, or ParticipantsChangeRequestedEvent for a change: key, value and headers of the record
// that carries an admitted message.
LogRecord requested_record(const Message& message);

// The same, written over `record`, whose memory is used again.
void write_requested_record(const Message& message, LogRecord& record);

// The original record of a message where that was kept, or else the record as this process made it.
LogRecord source_record(const std::optional<LogRecord>& kept, const Message& message);

// The draft inside such an event, written by any program. `invalid`: no JSON object, or another event.
base::Result<Draft> read_requested(const LogRecord& record);

// MessageSentEvent, or ParticipantsChanged for a change; `stored_json` is the message's own JSON, to copy instead of
// making it twice.
LogRecord sent_record(const Stored& stored, std::string_view stored_json);

// `invalid`: not such an event, or one that only a newer program can read.
base::Result<MessageSent> read_sent(const LogRecord& record);

// The original record, with the reasons in headers. Drops the record's own headers that have one of these names.
LogRecord dead_letter_record(const DeadLetter& letter, base::Timestamp failed_at);

// The same for a record that is too large for the topic of dead letters: the record's position in the log, in place of
// the record.
LogRecord dead_letter_reference(const DeadLetter& letter, base::Timestamp failed_at);

// The record's position in the log, when the topic holds a reference only.
std::optional<Position> read_reference(const LogRecord& dead);

// The first position of a dead letter's record in the log; nothing when that cannot be read.
std::optional<Position> read_origin(const LogRecord& dead);

// The original record of a dead letter, to append to the log again. It names itself a further attempt.
LogRecord retry_record(const LogRecord& dead, Position origin);

// The letter of which the record names itself a further attempt. Any program may claim that: see
// OpenDeadLetter::digest.
std::optional<Position> read_retry_of(const LogRecord& record);

// Notes the position of a record before it is appended again in another partition. The last such note counts.
void note_moved_from(LogRecord& record, Position from);
std::optional<Position> read_moved_from(const LogRecord& record);

// Orders the persister to discard a letter. read_discard() returns nothing unless the record is such an order in every
// part.
LogRecord discard_record(const DeadLetterKey& letter, base::Timestamp now);
std::optional<DeadLetterKey> read_discard(const LogRecord& record);

// The rejection of a dead letter's message, if that is known. None where another program wrote headers that no client
// can read.
std::optional<MessageRejected> read_rejection(const LogRecord& record);

// ParticipantsChanged as the hub's clients get it; of an entry with a change.
std::string changed_json(const Stored& stored);

// MessageRejected as the hub's clients get it.
std::string rejected_json(const MessageRejected& rejected);

}  // namespace message_service::wire
