// Two clocks, never mixed: wall time is data (what people read), steady time measures and schedules.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace message_service {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

// Milliseconds since the Unix epoch, UTC.
using Timestamp = std::int64_t;

Timestamp wall_now();

// "2026-01-27T10:30:00.000Z" (RFC 3339, always milliseconds, always Z).
std::string format_timestamp(Timestamp time);
void append_timestamp(std::string& out, Timestamp time);

// Reads RFC 3339 with "Z" or an offset and any number of fractional digits (cut to milliseconds).
std::optional<Timestamp> parse_timestamp(std::string_view text);

inline double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace message_service
