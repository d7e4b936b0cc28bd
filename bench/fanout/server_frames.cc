#include "bench/fanout/server_frames.h"

#include <zlib.h>

#include <array>
#include <charconv>
#include <random>

namespace message_service::bench {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view content_mark = "bench ";
constexpr std::size_t number_digits = 12;
constexpr std::uint8_t compressed_bit = 0x40;
constexpr std::size_t inflated_bytes_max = std::size_t{4} << 20;

constexpr std::array<std::string_view, 20> common_words{"the", "you",    "to",       "and",   "is",     "at",  "we",
                                                        "can", "please", "tomorrow", "today", "school", "bus", "thanks",
                                                        "for", "not",    "have",     "late",  "home",   "will"};
constexpr std::array<std::string_view, 40> syllables{"ba", "bi", "ca", "ce", "co", "da", "de", "do", "en", "er",
                                                     "fe", "ga", "ha", "hi", "in", "ka", "la", "le", "li", "ma",
                                                     "me", "mo", "na", "ne", "on", "or", "pa", "pe", "ra", "re",
                                                     "ri", "ro", "sa", "se", "ta", "ti", "un", "we", "ch", "ing"};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

// A whole number in MessagePack that is not negative.
std::optional<std::uint64_t> packed_number(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (first < 0x80) return first;
  if (first < 0xCC || first > 0xD3) return std::nullopt;
  const std::size_t size = std::size_t{1} << (first & 3);
  if (bytes.size() < 1 + size) return std::nullopt;
  return big_endian(bytes.substr(1, size));
}

}  // namespace

std::string_view take_head(std::string_view& input) {
  const std::size_t end = input.find(head_end);
  if (end == std::string_view::npos) return {};
  const std::string_view head = input.substr(0, end + head_end.size());
  input.remove_prefix(head.size());
  return head;
}

std::optional<ServerFrame> take_frame(std::string_view& input) {
  if (input.size() < 2) return std::nullopt;
  const auto short_size = static_cast<std::uint8_t>(input[1]) & 0x7F;
  const std::size_t extra = short_size == 127 ? 8 : short_size == 126 ? 2 : 0;
  if (input.size() < 2 + extra) return std::nullopt;
  const std::uint64_t size = extra == 0 ? static_cast<std::uint64_t>(short_size) : big_endian(input.substr(2, extra));
  if (input.size() - 2 - extra < size) return std::nullopt;
  const std::string_view whole = input.substr(0, 2 + extra + size);
  input.remove_prefix(whole.size());
  const bool compressed = (static_cast<std::uint8_t>(whole[0]) & compressed_bit) != 0;
  return ServerFrame{static_cast<FrameKind>(whole[0] & 0x0F), compressed, whole.substr(2 + extra), whole};
}

std::optional<std::string> inflated(std::string_view payload) {
  std::string input(payload);
  input.append("\0\0\xFF\xFF", 4);
  thread_local std::string message(inflated_bytes_max, '\0');  // the generator must not take the server's cache
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(message.data());
  stream.avail_out = static_cast<uInt>(message.size());
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  const int status = inflate(&stream, Z_SYNC_FLUSH);
  inflateEnd(&stream);
  if (status != Z_OK || stream.avail_in != 0 || stream.avail_out == 0) return std::nullopt;
  return message.substr(0, inflated_bytes_max - stream.avail_out);
}

std::optional<std::uint64_t> number_after(HubProtocolKind protocol, std::string_view payload, std::string_view name) {
  const std::size_t found = payload.find(name);
  if (found == std::string_view::npos) return std::nullopt;
  payload.remove_prefix(found + name.size());
  if (protocol == HubProtocolKind::messagepack) return packed_number(payload);
  return payload.starts_with("\":") ? decimal(payload.substr(2)) : std::nullopt;
}

std::string numbered_content(std::uint64_t number, std::size_t bytes) {
  const std::string digits = std::to_string(number);
  std::string content(content_mark);
  content.append(number_digits - std::min(digits.size(), number_digits), '0').append(digits).append(" ");
  bytes = std::max(bytes, content.size());
  std::minstd_rand random(static_cast<std::uint32_t>(number + 1));
  while (content.size() < bytes) {
    if (random() % 2 == 0) {
      content.append(common_words[random() % common_words.size()]);
    } else {
      for (auto left = 2 + random() % 3; left > 0; --left) content.append(syllables[random() % syllables.size()]);
    }
    content.push_back(' ');
  }
  content.resize(bytes);
  return content;
}

std::optional<Delivery> read_delivery(HubProtocolKind protocol, std::string_view payload) {
  const std::size_t target = payload.substr(0, 96).find("ReceiveMessage");
  if (target == std::string_view::npos) return std::nullopt;
  const auto sequence = number_after(protocol, payload, "sequence");
  const std::size_t content = payload.find(content_mark);
  if (!sequence || content == std::string_view::npos) return std::nullopt;
  const auto number = decimal(payload.substr(content + content_mark.size(), number_digits));
  if (!number) return std::nullopt;
  return Delivery{*number, *sequence};
}

std::optional<DeliveryReader::Seen> DeliveryReader::read(std::string_view payload, bool compressed) {
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const Known& known = known_[(newest_ + known_.size() - i) % known_.size()];
    if (known.payload == payload) return Seen{known.delivery, false};
  }
  const auto message = compressed ? inflated(payload) : std::string(payload);
  const auto delivery = message ? read_delivery(protocol_, *message) : std::nullopt;
  if (!delivery) return std::nullopt;
  newest_ = (newest_ + 1) % known_.size();
  known_[newest_].payload = payload;
  known_[newest_].delivery = *delivery;
  return Seen{*delivery, true};
}

}  // namespace message_service::bench
