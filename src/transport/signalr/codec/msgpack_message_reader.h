// Reads one MessagePack array as a hub message. Private to the MessagePack protocol; pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "transport/signalr/codec/message.h"

namespace message_service::signalr {

// Nothing for a type that is not known; surplus elements do no harm. `invalid` names the element that is missing or
// wrong.
Result<std::optional<HubMessage>> read_msgpack_message(std::string_view bytes, std::size_t nesting_max);

}  // namespace message_service::signalr
