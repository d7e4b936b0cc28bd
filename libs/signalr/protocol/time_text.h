// Times as JSON carries them. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "signalr/protocol/value.h"

namespace signalr {

// ISO 8601 to the nanosecond; without "Z" or an offset it is UTC, as a .NET DateTime of no kind is written.
std::optional<Time> read_time(std::string_view text);

}  // namespace signalr
