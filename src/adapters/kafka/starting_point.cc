#include "adapters/kafka/starting_point.h"

#include <algorithm>
#include <charconv>

namespace message_service::kafka {

namespace {

constexpr std::string_view kWitness = "witness ";
constexpr std::string_view kStored = "stored ";

// The number that the text begins with, which is removed with one space behind it. No sign.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  if (text.starts_with('-')) return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (!text.empty() && text.front() != ' ') return std::nullopt;
  if (!text.empty()) text.remove_prefix(1);
  return number;
}

}  // namespace

StartingPoint starting_point(const CommittedPlace& committed, std::optional<Testimony> testimony, OffsetRange log) {
  if (!committed.next) return {.offset = log.begin};
  const std::int64_t next = *committed.next;
  const bool other = testimony == Testimony::other || (testimony != Testimony::same && next > log.end);
  if (other) return {.offset = log.begin, .anew = true};
  if (next < log.begin) return {.offset = log.begin, .lost = log.begin - next};
  return {.offset = testimony == Testimony::gone ? log.begin : next};
}

std::string to_metadata(const CommittedPlace& place) {
  std::string text;
  if (place.witness) {
    text.append(kWitness).append(std::to_string(place.witness->offset));
    text.append(" ").append(std::to_string(place.witness->print));
  }
  if (place.stored) text.append(text.empty() ? "" : " ").append(kStored).append(std::to_string(*place.stored));
  return text;
}

CommittedPlace from_metadata(std::string_view metadata) {
  CommittedPlace place;
  if (metadata.starts_with(kWitness)) {
    metadata.remove_prefix(kWitness.size());
    const auto offset = take_number<std::int64_t>(metadata);
    const auto print = offset ? take_number<std::uint64_t>(metadata) : std::nullopt;
    if (!print) return {};
    place.witness = Witness{.offset = *offset, .print = *print};
  }
  if (metadata.starts_with(kStored)) {
    metadata.remove_prefix(kStored.size());
    place.stored = take_number<std::int64_t>(metadata);
    if (!place.stored) return {};
  }
  return metadata.empty() ? place : CommittedPlace{};
}

}  // namespace message_service::kafka
