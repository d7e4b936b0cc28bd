// Base64 (RFC 4648). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// The standard alphabet, padded: the form in which JSON carries bytes.
void append_base64(std::string& out, std::span<const std::uint8_t> bytes);

// Reads the standard alphabet, padded. Returns nothing for any other text.
std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text);

// The alphabet that is safe in URLs, without padding.
std::string base64url(std::span<const std::uint8_t> bytes);

// Reads the alphabet that is safe in URLs, without padding. Returns nothing for any other text, so two texts never give
// the same bytes.
std::optional<std::vector<std::uint8_t>> read_base64url(std::string_view text);

}  // namespace base
