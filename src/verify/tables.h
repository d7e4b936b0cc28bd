// What a check knows of conversations and views beside their messages. Values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "verify/fault.h"

namespace message_service::verify {

struct View {
  std::uint32_t conversation = 0;
  std::uint64_t after = 0;    // it began after this sequence
  std::uint64_t settled = 0;  // whatever is stored up to here should have come
  std::uint64_t last = 0;     // the highest sequence received, or `after`

  // A message that is stored up to here and was not received is missing.
  std::uint64_t complete_to() const { return std::max(settled, last); }
};

struct Conversation {
  std::uint16_t listings = 0;     // begun so far; the last one that was finished counts
  std::uint16_t counted = 0;      // its number; 0: none was finished
  std::uint64_t last = 0;         // the last sequence of the listing under way
  std::vector<Fault> disorder{};  // the first sequences that do not increase, of the listing under way
  std::uint64_t disorder_found = 0;
  std::vector<Fault> counted_disorder{};  // the same of the listing that counts
  std::uint64_t counted_disorder_found = 0;
  std::vector<std::uint32_t> views{};
};

struct Tables {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::vector<Conversation> conversations;
  std::vector<View> views;
  std::size_t clocks = 0;
};

}  // namespace message_service::verify
