// Reads the JSON of a message of which a part cannot be read, such as half of a surrogate pair in a text that was cut.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "signalr/protocol/value.h"

namespace signalr {

// As parse_json(). A few mistakes within the members of the object that `payload` names become Unreadable where they
// stand, and the rest is read; any other one is `invalid`.
base::Result<Value> parse_json_with_mistakes(std::string_view text, std::size_t nesting_max,
                                             std::span<const std::string_view> payload);

}  // namespace signalr
