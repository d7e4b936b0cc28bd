#include "signalr/protocol/time_text.h"

#include <string>

#include "base/clock.h"

namespace signalr {

namespace {

// The digits after the point, as nanoseconds.
std::uint32_t read_fraction(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  std::uint32_t nanoseconds = 0;
  std::size_t digits = 0;
  for (std::size_t at = point + 1; at < text.size() && digits < 9; ++at, ++digits) {
    if (text[at] < '0' || text[at] > '9') break;
    nanoseconds = nanoseconds * 10 + static_cast<std::uint32_t>(text[at] - '0');
  }
  for (; digits < 9; ++digits) nanoseconds *= 10;
  return nanoseconds;
}

}  // namespace

std::optional<Time> read_time(std::string_view text) {
  auto milliseconds = base::parse_timestamp(text);
  if (!milliseconds) milliseconds = base::parse_timestamp(std::string(text) + "Z");
  if (!milliseconds) return std::nullopt;
  const base::Timestamp beyond_second = ((*milliseconds % 1000) + 1000) % 1000;
  return Time{.seconds = (*milliseconds - beyond_second) / 1000, .nanoseconds = read_fraction(text)};
}

}  // namespace signalr
