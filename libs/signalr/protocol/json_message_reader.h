// Reads one JSON object as a hub message. Private to the JSON protocol; pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "signalr/protocol/message.h"

namespace signalr {

// Members may be in any order, and unknown ones do no harm. Unreadable replaces a part of an argument, an item or a
// result that cannot be read; elsewhere `invalid` names the member that is missing or wrong.
base::Result<HubMessage> read_json_message(std::string_view text, std::size_t nesting_max);

}  // namespace signalr
