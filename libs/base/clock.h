// Two clocks, never mixed: wall time is data (for people to read), steady time measures and schedules.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

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

// The times that RFC 3339 can write: the years 0000 to 9999 in UTC. parse_timestamp() returns no other time, and
// format_timestamp() writes the nearest time in this range.
inline constexpr Timestamp kTimestampMin = -62'167'219'200'000;
inline constexpr Timestamp kTimestampMax = 253'402'300'799'999;

inline double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace base
