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

// SendMessageRequestedEvent: key, value and headers of the record that carries an admitted message.
LogRecord requested_record(const Message& message);

// The same, written over `record`, whose memory is used again.
void write_requested_record(const Message& message, LogRecord& record);

// The record that a message came in, where that was kept, or as this process made it.
LogRecord source_record(const std::optional<LogRecord>& kept, const Message& message);

// The draft inside a SendMessageRequestedEvent, whoever wrote it. `invalid`: no JSON object, or another event.
base::Result<Draft> read_requested(const LogRecord& record);

// MessageSentEvent; `stored_json` is the message's own JSON, to be copied and not made twice.
LogRecord sent_record(const Stored& stored, std::string_view stored_json);

// `invalid`: not such an event, or one that only a newer program can read.
base::Result<MessageSent> read_sent(const LogRecord& record);

// The record as it came, with the reasons in headers. Headers of the record that have one of these names go.
LogRecord dead_letter_record(const DeadLetter& letter, base::Timestamp failed_at);

// The same for a record that is too large for the topic of dead letters: where it lies in the log, in place of itself.
LogRecord dead_letter_reference(const DeadLetter& letter, base::Timestamp failed_at);

// Where the record lies, when the topic holds a reference only.
std::optional<Position> read_reference(const LogRecord& dead);

// Where the record of a dead letter first lay in the log; nothing when that cannot be read.
std::optional<Position> read_origin(const LogRecord& dead);

// The record of a dead letter as it came, to be appended to the log again, and naming itself a further attempt.
LogRecord retry_record(const LogRecord& dead, Position origin);

// What the record names itself a further attempt of. Anybody may claim that: see OpenDeadLetter::digest.
std::optional<Position> read_retry_of(const LogRecord& record);

// Notes where a record lay before it was appended again in another partition. The last such note counts.
void note_moved_from(LogRecord& record, Position from);
std::optional<Position> read_moved_from(const LogRecord& record);

// Tells the persister that a letter is given up. Nothing unless it is one of those in every part.
LogRecord discard_record(const DeadLetterKey& letter, base::Timestamp now);
std::optional<DeadLetterKey> read_discard(const LogRecord& record);

// Who must hear of a dead letter, if that is known. Nothing where another program wrote headers that no client can
// read.
std::optional<MessageRejected> read_rejection(const LogRecord& record);

// MessageRejected as the hub's clients get it.
std::string rejected_json(const MessageRejected& rejected);

}  // namespace message_service::wire
