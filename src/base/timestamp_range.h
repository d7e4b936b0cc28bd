// The times that RFC 3339 can write: the years 0000 to 9999 in UTC.
//
// parse_timestamp() gives no other one, and format_timestamp() writes the nearest of them.
#pragma once

#include "base/clock.h"

namespace message_service {

inline constexpr Timestamp kTimestampMin = -62'167'219'200'000;
inline constexpr Timestamp kTimestampMax = 253'402'300'799'999;

}  // namespace message_service
