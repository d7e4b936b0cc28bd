// Reads one MessagePack array as a hub message. Private to the MessagePack protocol; pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "signalr/protocol/message.h"

namespace signalr {

// Surplus elements and bytes after the array do no harm. Unreadable replaces a part of an argument, an item or a result
// that cannot be read; elsewhere `invalid` names the element that is missing or wrong.
base::Result<HubMessage> read_msgpack_message(std::string_view bytes, std::size_t nesting_max);

}  // namespace signalr
