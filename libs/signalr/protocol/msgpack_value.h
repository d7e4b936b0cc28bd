// Values as MessagePack and back. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "signalr/protocol/value.h"

namespace signalr {

// How the names of an object's members are written. Serialisers of MessagePack match them by case.
enum class PropertyNames : std::uint8_t {
  as_declared,
  camel_case,   // the first letter small
  pascal_case,  // the first letter large, as C# names properties
};

// Every form is the shortest; times are the timestamp extension; RawJson is parsed, and aborts when it is not JSON.
void append_msgpack(std::string& out, const Value& value, PropertyNames names = PropertyNames::as_declared);

// The headers before the elements of an array or a map, and a string, for arrays that are no Value.
void append_msgpack_array_header(std::string& out, std::size_t count);
void append_msgpack_map_header(std::string& out, std::size_t count);
void append_msgpack_string(std::string& out, std::string_view text);

// Reads one value with nothing after it. Map keys must be strings, and strings UTF-8; of the extensions only the
// timestamp is known. `invalid` describes the mistake.
base::Result<Value> parse_msgpack(std::string_view bytes, std::size_t nesting_max = 64);

// Reads the value at the front. A part that breaks one of the rules above, and not the encoding itself, becomes
// Unreadable.
base::Result<Value> parse_msgpack_with_mistakes(std::string_view bytes, std::size_t nesting_max = 64);

}  // namespace signalr
