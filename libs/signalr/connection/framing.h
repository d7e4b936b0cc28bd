// Wraps a hub message's bytes for a transport, so that one string serves every client of that transport. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/socket_writer.h"
#include "signalr/protocol/negotiate.h"

namespace signalr {

enum class Format : std::uint8_t { text, binary };

// `payload` must be whole hub messages: clients do not join a message that arrives in two pieces.
runtime::SharedBytes framed(Transport transport, Format format, std::string_view payload);

// A WebSocket frame from framed() with its message compressed, for connections that want compression. Null when the
// result would not be shorter.
runtime::SharedBytes deflated(Format format, std::string_view frame);

// One server-sent event. Lines of `payload` end with LF or CRLF and become lines of the event.
std::string event_of(std::string_view payload);

}  // namespace signalr
