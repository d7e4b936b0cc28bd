// Values as JSON text and back. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/signalr/codec/value.h"

namespace message_service::signalr {

// Bytes become base64, times ISO 8601 in UTC, numbers that are not finite null; RawJson is copied.
void append_json(std::string& out, const Value& value);
std::string to_json(const Value& value);

// Appends `text` as a JSON string with its quotes. Expects well-formed UTF-8.
void append_json_string(std::string& out, std::string_view text);

// Reads one JSON value and nothing behind it. `invalid` tells the mistake.
Result<Value> parse_json(std::string_view text, std::size_t nesting_max = 64);

}  // namespace message_service::signalr
