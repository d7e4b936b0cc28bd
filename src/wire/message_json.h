// The JSON forms of a message: as a client sends it, as a client gets it back, and as a store keeps it. Pure functions.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/message.h"

namespace message_service::wire {

// The members of the forms below that hold times.
inline constexpr std::array<std::string_view, 2> kMessageTimes{"sentAt", "persistedAt"};

// Reads the body of a POST into `draft`. A wrong type becomes a field error in the draft; `invalid` means that the body
// is no JSON object at all. Unknown fields are ignored.
base::Result<void> read_draft(std::string_view body, Draft& draft);

// The body of a 202: the message under its temporary id.
std::string accepted_json(const Message& message);

// A stored message, as history, hub and event show it.
std::string stored_json(const Stored& stored);
void append_stored_json(std::string& out, const Stored& stored);

// A change as its entry holds it.
std::string change_json(const ParticipantChange& change);

// The inverse of stored_json.
base::Result<Stored> read_stored(std::string_view json, std::string_view traceparent = {});

}  // namespace message_service::wire
