// Reads one JSON object as a hub message. Private to the JSON protocol; pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "transport/signalr/codec/message.h"

namespace message_service::signalr {

// Nothing for a type that is not known. Members may come in any order, and unknown ones do no harm. `invalid` names the
// member that is missing or wrong.
Result<std::optional<HubMessage>> read_json_message(std::string_view text, std::size_t nesting_max);

}  // namespace message_service::signalr
