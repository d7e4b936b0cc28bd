#include "model/view_hash.h"

#include <array>
#include <bit>

#include "base/hex.h"

namespace message_service {

namespace {

constexpr std::uint32_t kFirstFactor = 0x9E3779B1;
constexpr std::uint32_t kSecondFactor = 0x85EBCA77;
constexpr char kEndOfText = '\xFF';  // no byte of UTF-8

// The end of MurmurHash3: every bit of the input changes half of the bits.
std::uint32_t spread(std::uint32_t word) {
  word = (word ^ (word >> 16)) * 0x85EBCA6B;
  word = (word ^ (word >> 13)) * 0xC2B2AE35;
  return word ^ (word >> 16);
}

HashLanes spread(const HashLanes& lanes) {
  const std::uint32_t first = spread(lanes.first);
  return {.first = first, .second = spread(lanes.second ^ first)};
}

std::array<std::uint8_t, 8> bytes_of(const HashLanes& lanes) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(lanes.first >> (24 - 8 * i));
    bytes[4 + i] = static_cast<std::uint8_t>(lanes.second >> (24 - 8 * i));
  }
  return bytes;
}

}  // namespace

std::string HashLanes::text() const { return base::to_hex(bytes_of(*this)); }

std::optional<HashLanes> HashLanes::parse(std::string_view text) {
  std::array<std::uint8_t, 8> bytes{};
  if (!base::read_hex(text, bytes)) return std::nullopt;
  HashLanes lanes;
  for (std::size_t i = 0; i < 4; ++i) {
    lanes.first = lanes.first << 8 | bytes[i];
    lanes.second = lanes.second << 8 | bytes[4 + i];
  }
  return lanes;
}

HashLanes hash_of_message(std::string_view id, std::string_view sender_id, std::string_view content) {
  HashLanes lanes{.first = 0x243F6A88, .second = 0x85A308D3};
  const auto absorb = [&lanes](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    lanes.first = (lanes.first ^ byte) * kFirstFactor;
    lanes.second = std::rotl((lanes.second ^ byte) * kSecondFactor, 13);
  };
  for (const std::string_view text : {id, sender_id, content}) {
    for (const char c : text) absorb(c);
    absorb(kEndOfText);
  }
  return spread(lanes);
}

void ViewHash::absorb(std::uint32_t word) {
  state_.first = (std::rotl(state_.first, 5) ^ word) * kFirstFactor;
  state_.second = (std::rotl(state_.second, 7) ^ word) * kSecondFactor;
}

void ViewHash::add(std::uint64_t sequence, const HashLanes& message) {
  count_ += 1;
  sum_ = sum_ + message;
  absorb(static_cast<std::uint32_t>(sequence));
  absorb(static_cast<std::uint32_t>(sequence >> 32));
  absorb(message.first);
  absorb(message.second);
}

HashLanes ViewHash::rolling() const { return spread(state_); }

}  // namespace message_service
