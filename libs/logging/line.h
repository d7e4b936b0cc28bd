// One line of the log as bytes, newline included. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "logging/logging.h"

namespace logging {

// "2026-01-27T10:30:00.000Z INFO text key=value". Control characters are escaped, so that nothing from outside can
// start a line of its own or steer a terminal.
std::string text_line(base::Timestamp time, Level level, std::string_view text, Fields fields);

// {"time":…,"level":…,"message":…, and the fields}; valid UTF-8 for any input.
std::string json_line(base::Timestamp time, Level level, std::string_view text, Fields fields);

}  // namespace logging
