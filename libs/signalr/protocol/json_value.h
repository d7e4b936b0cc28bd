// Values as JSON text and back. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json_text.h"
#include "base/result.h"
#include "signalr/protocol/value.h"

namespace signalr {

// Bytes become base64, times ISO 8601 in UTC, numbers that are not finite null; RawJson is copied.
void append_json(std::string& out, const Value& value);
std::string to_json(const Value& value);

// Reads one JSON value with nothing after it. `invalid` describes the mistake; `mistake_at` is set to its position.
base::Result<Value> parse_json(std::string_view text, std::size_t nesting_max = 64, std::size_t* mistake_at = nullptr);

}  // namespace signalr
