#include "model/ids.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/hash.h"
#include "base/random.h"

namespace message_service {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> make_hex_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int value = 0; value < 16; ++value) {
    const char digit = kHexDigits[static_cast<std::size_t>(value)];
    values[static_cast<std::uint8_t>(digit)] = static_cast<std::int8_t>(value);
    if (value >= 10) values[static_cast<std::uint8_t>(digit - 'a' + 'A')] = static_cast<std::int8_t>(value);
  }
  return values;
}

constexpr std::array<std::int8_t, 256> kHexValues = make_hex_values();

int hex_value(char c) { return kHexValues[static_cast<std::uint8_t>(c)]; }

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string make_uuid_v7(Timestamp now) {
  auto bytes = random_bytes<16>();
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now >> (40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0F));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));

  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_hyphen_place(at)) ++at;
    text[at++] = kHexDigits[byte >> 4];
    text[at++] = kHexDigits[byte & 0x0F];
  }
  return text;
}

std::optional<Timestamp> uuid_v7_time(std::string_view text) {
  if (text.size() != 36 || text[14] != '7') return std::nullopt;
  Timestamp time = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    if (i < 13) time = time << 4 | value;
  }
  return time;
}

ObjectIdBytes derive_message_id(std::string_view conversation_id, std::string_view temporary_message_id) {
  const Sha256 digest = sha256_of_parts({conversation_id, temporary_message_id});
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

void append_hex(std::string& out, const ObjectIdBytes& id) {
  std::array<char, 2 * std::tuple_size_v<ObjectIdBytes>> text;
  for (std::size_t i = 0; i < id.size(); ++i) {
    text[2 * i] = kHexDigits[id[i] >> 4];
    text[2 * i + 1] = kHexDigits[id[i] & 0x0F];
  }
  out.append(text.data(), text.size());
}

std::string to_hex(const ObjectIdBytes& id) {
  std::string text;
  append_hex(text, id);
  return text;
}

std::optional<ObjectIdBytes> parse_object_id(std::string_view hex) {
  ObjectIdBytes id;
  if (hex.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

}  // namespace message_service
