// Reads the JSON of a message that has an unreadable part, such as half of a surrogate pair in a text that was cut.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "signalr/protocol/value.h"

namespace signalr {

// Like parse_json(). But a few mistakes within the object's members that `payload` names become Unreadable in their
// place, and the rest is read. Any other mistake is `invalid`.
base::Result<Value> parse_json_with_mistakes(std::string_view text, std::size_t nesting_max,
                                             std::span<const std::string_view> payload);

}  // namespace signalr
