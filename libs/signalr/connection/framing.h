// How a hub message's bytes are wrapped for a transport, so that one string serves every client of it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/socket_writer.h"
#include "signalr/protocol/negotiate.h"

namespace signalr {

enum class Format : std::uint8_t { text, binary };

// `payload` must be whole hub messages: clients do not put together what comes in two pieces.
runtime::SharedBytes framed(Transport transport, Format format, std::string_view payload);

// A WebSocket frame of framed() with its message compressed, for transports that want that. Null where it would not be
// shorter.
runtime::SharedBytes deflated(Format format, std::string_view frame);

// One server-sent event; lines end with LF or CRLF and come out as lines of the event.
std::string event_of(std::string_view payload);

}  // namespace signalr
