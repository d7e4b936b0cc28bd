#include "model/ids.h"

#include <algorithm>

#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"

namespace message_service {

namespace {

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string make_uuid_v7(base::Timestamp now) {
  auto bytes = base::random_bytes<16>();
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now >> (40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0F));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));

  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_hyphen_place(at)) ++at;
    text[at++] = base::kHexDigits[byte >> 4];
    text[at++] = base::kHexDigits[byte & 0x0F];
  }
  return text;
}

std::optional<base::Timestamp> uuid_v7_time(std::string_view text) {
  if (text.size() != 36 || text[14] != '7') return std::nullopt;
  base::Timestamp time = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = base::hex_value(text[i]);
    if (value < 0) return std::nullopt;
    if (i < 13) time = time << 4 | value;
  }
  return time;
}

ObjectIdBytes derive_message_id(std::string_view conversation_id, std::string_view temporary_message_id) {
  const base::Sha256 digest = base::sha256_of_parts({conversation_id, temporary_message_id});
  ObjectIdBytes id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  if (const auto time = uuid_v7_time(temporary_message_id)) {
    const auto seconds = static_cast<std::uint32_t>(*time / 1000);
    const auto milliseconds = static_cast<std::uint32_t>(*time % 1000);
    for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    id[4] = static_cast<std::uint8_t>(milliseconds >> 2);
    id[5] = static_cast<std::uint8_t>((milliseconds & 3) << 6 | (id[5] & 0x3F));
  }
  return id;
}

std::optional<ObjectIdBytes> parse_object_id(std::string_view hex) {
  ObjectIdBytes id;
  if (!base::read_hex(hex, id)) return std::nullopt;
  return id;
}

}  // namespace message_service
