// The opening handshake's key (RFC 6455, section 4.2.2). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace websocket {

// True for the base64 of exactly 16 bytes, as Sec-WebSocket-Key must be; anything else deserves a 400.
bool is_valid_key(std::string_view sec_websocket_key);

// The value of Sec-WebSocket-Accept. Expects a valid key.
std::string accept_key(std::string_view sec_websocket_key);

}  // namespace websocket
