// What a checker of deliveries finds. The kinds have the names of tests/support/delivery_check.mjs. Values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace message_service::verify {

enum class FaultKind : std::uint8_t {
  lost,                     // acknowledged and not stored
  refused_but_stored,       // refused and stored
  doubled,                  // one key stored more than once
  altered,                  // stored with other content than sent
  phantom,                  // stored, and nobody sent it
  reordered,                // A acknowledged before B was sent, and stored after B
  sequence_not_increasing,  // in the listing of a conversation
  seen_phantom,             // a client saw what is not stored
  seen_altered,             // a client saw other content, id or sequence than stored
  seen_twice,
  seen_out_of_order,
  not_seen,  // a gap in a client's view
};

inline constexpr std::array<std::string_view, 12> kFaultNames{"lost",
                                                              "refused-but-stored",
                                                              "doubled",
                                                              "altered",
                                                              "phantom",
                                                              "reordered",
                                                              "sequence-not-increasing",
                                                              "seen-phantom",
                                                              "seen-altered",
                                                              "seen-twice",
                                                              "seen-out-of-order",
                                                              "not-seen"};

constexpr std::string_view to_text(FaultKind kind) { return kFaultNames[static_cast<std::size_t>(kind)]; }

// A line of a recorded history.
struct Place {
  std::uint16_t file = 0;
  std::uint64_t line = 0;  // from 1; below 2^48

  std::uint64_t packed() const { return (std::uint64_t{file} << 48) | line; }
  static Place unpacked(std::uint64_t packed) {
    return {static_cast<std::uint16_t>(packed >> 48), packed & ((std::uint64_t{1} << 48) - 1)};
  }
  bool operator==(const Place&) const = default;
};

struct Fault {
  static constexpr std::uint32_t kNoView = 0xFFFFFFFF;

  FaultKind kind;
  std::uint32_t conversation;    // its number in the report's names
  Place place;                   // the line that has the message
  Place other{};                 // the line that contradicts it; line 0: none
  std::uint64_t sequence = 0;    // 0: none
  std::uint32_t view = kNoView;  // its number in the report's names
};

}  // namespace message_service::verify
