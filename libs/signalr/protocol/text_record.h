// Cuts a stream of text into the records of SignalR's text framing: each ends with 0x1E. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace signalr {

constexpr char kRecordSeparator = '\x1E';

// Takes the first record and its separator off the front of `input`; the answer leaves the separator out. Nothing: more
// bytes are needed. `invalid`: the record is, or is going to be, longer than `bytes_max` with its separator.
base::Result<std::optional<std::string_view>> take_record(std::string_view& input, std::size_t bytes_max);

// The error for a message that is too long, in words that SignalR's users know.
base::Error message_too_big(std::size_t bytes_max);

}  // namespace signalr
