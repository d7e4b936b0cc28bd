// The JSON forms of the events on the three topics (contract, section 3). Pure functions.
#pragma once

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

// The draft inside a SendMessageRequestedEvent, whoever wrote it. `invalid`: no JSON object, or another event.
Result<Draft> read_requested(const LogRecord& record);

// MessageSentEvent; `stored_json` is the message's own JSON, to be copied and not made twice.
LogRecord sent_record(const Stored& stored, std::string_view stored_json);

Result<MessageSent> read_sent(const LogRecord& record);

// The record as it came, with the reasons in headers.
LogRecord dead_letter_record(const DeadLetter& letter, Timestamp failed_at, int attempts);

// Whom to tell of a dead letter, if that is known.
std::optional<MessageRejected> read_rejection(const LogRecord& record);

// MessageRejected as the hub's clients get it.
std::string rejected_json(const MessageRejected& rejected);

}  // namespace message_service::wire
