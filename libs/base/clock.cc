#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "base/clock.h"

namespace base {

namespace {

constexpr std::size_t kTimestampBytes = 24;

void put_digits(char* at, int value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// Reads exactly `digits` digits at the front and removes them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

int take_milliseconds(std::string_view& text) {
  int value = 0;
  int scale = 100;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return value;
}

// Minutes east of UTC.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool east = !text.empty() && text.front() == '+';
  if (!east && (text.empty() || text.front() != '-')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (east ? 1 : -1) * (*hours * 60 + *minutes);
}

// Writes zeroes for the milliseconds.
std::array<char, kTimestampBytes> format_second(Timestamp time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{time}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};

  std::array<char, kTimestampBytes> text;
  std::memcpy(text.data(), "0000-00-00T00:00:00.000Z", text.size());
  put_digits(text.data(), int{date.year()}, 4);
  put_digits(text.data() + 5, static_cast<int>(unsigned{date.month()}), 2);
  put_digits(text.data() + 8, static_cast<int>(unsigned{date.day()}), 2);
  put_digits(text.data() + 11, static_cast<int>(clock.hours().count()), 2);
  put_digits(text.data() + 14, static_cast<int>(clock.minutes().count()), 2);
  put_digits(text.data() + 17, static_cast<int>(clock.seconds().count()), 2);
  return text;
}

}  // namespace

Timestamp wall_now() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Most consecutive times lie in the same second, so the text of the last second is kept.
void append_timestamp(std::string& out, Timestamp time) {
  time = std::clamp(time, kTimestampMin, kTimestampMax);
  thread_local Timestamp known_second = 0;
  thread_local std::array<char, kTimestampBytes> text = format_second(0);
  const Timestamp milliseconds = (time % 1000 + 1000) % 1000;
  const Timestamp second = time - milliseconds;
  if (second != known_second) {
    text = format_second(second);
    known_second = second;
  }
  put_digits(text.data() + 20, static_cast<int>(milliseconds), 3);
  out.append(text.data(), text.size());
}

std::string format_timestamp(Timestamp time) {
  std::string text;
  append_timestamp(text, time);
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!d || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto h = take_number(text, 2);
  if (!h || !take(text, ':')) return std::nullopt;
  const auto min = take_number(text, 2);
  if (!min || !take(text, ':')) return std::nullopt;
  const auto s = take_number(text, 2);
  if (!s) return std::nullopt;
  const int ms = take(text, '.') ? take_milliseconds(text) : 0;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;

  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *min > 59 || *s > 60) return std::nullopt;
  const auto at = sys_days{date} + hours{*h} + minutes{*min} + seconds{*s} + milliseconds{ms} - minutes{*zone};
  const Timestamp time = duration_cast<milliseconds>(at.time_since_epoch()).count();
  if (time < kTimestampMin || time > kTimestampMax) return std::nullopt;
  return time;
}

}  // namespace base
