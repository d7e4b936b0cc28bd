// Base64 (RFC 4648). Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace message_service::signalr {

// The standard alphabet, padded: how JSON carries bytes.
void append_base64(std::string& out, std::span<const std::uint8_t> bytes);

// The alphabet that is safe in URLs, without padding.
std::string base64url(std::span<const std::uint8_t> bytes);

}  // namespace message_service::signalr
