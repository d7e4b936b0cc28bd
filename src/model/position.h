// A place in the log.
#pragma once

#include <compare>
#include <cstdint>

namespace message_service {

struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

}  // namespace message_service
