#include "signalr/protocol/value.h"

#include <algorithm>
#include <cmath>

namespace signalr {

std::optional<std::int64_t> Value::if_integer() const {
  if (const auto* whole = get_if<std::int64_t>()) return *whole;
  const auto* number = get_if<double>();
  if (number == nullptr || std::trunc(*number) != *number) return std::nullopt;
  constexpr double limit = 0x1p63;  // the first double that std::int64_t cannot hold
  if (*number < -limit || *number >= limit) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> Value::if_number() const {
  if (const auto* number = get_if<double>()) return *number;
  if (const auto* whole = get_if<std::int64_t>()) return static_cast<double>(*whole);
  if (const auto* whole = get_if<std::uint64_t>()) return static_cast<double>(*whole);
  return std::nullopt;
}

bool Value::is_readable() const {
  if (const auto* items = get_if<Array>()) return std::ranges::all_of(*items, &Value::is_readable);
  if (const auto* members = get_if<Object>()) {
    return std::ranges::all_of(*members, [](const Member& member) { return member.value.is_readable(); });
  }
  return !std::holds_alternative<Unreadable>(storage_);
}

const Value* Value::find(std::string_view name) const {
  const auto* members = get_if<Object>();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->rbegin(), members->rend(), [&](const Member& m) { return m.name == name; });
  return found == members->rend() ? nullptr : &found->value;
}

}  // namespace signalr
