#include "adapters/kafka/starting_point.h"

#include <algorithm>
#include <charconv>

namespace message_service::kafka {

namespace {

constexpr std::string_view kVersion = "witness ";

}  // namespace

StartingPoint starting_point(const CommittedPlace& committed, std::optional<Testimony> testimony, OffsetRange log) {
  if (!committed.next) return {.offset = log.begin};
  const std::int64_t next = *committed.next;
  const bool other = testimony == Testimony::other || (testimony != Testimony::same && next > log.end);
  if (other) return {.offset = log.begin, .anew = true};
  if (next < log.begin) return {.offset = log.begin, .lost = log.begin - next};
  return {.offset = testimony == Testimony::gone ? log.begin : next};
}

std::string to_metadata(const Witness& witness) {
  return std::string(kVersion) + std::to_string(witness.offset) + " " + std::to_string(witness.print);
}

std::optional<Witness> from_metadata(std::string_view metadata) {
  if (!metadata.starts_with(kVersion)) return std::nullopt;
  metadata.remove_prefix(kVersion.size());
  Witness witness;
  const char* const end = metadata.data() + metadata.size();
  const auto offset = std::from_chars(metadata.data(), end, witness.offset);
  if (offset.ec != std::errc() || offset.ptr == end || *offset.ptr != ' ') return std::nullopt;
  const auto print = std::from_chars(offset.ptr + 1, end, witness.print);
  if (print.ec != std::errc() || print.ptr != end || witness.offset < 0) return std::nullopt;
  return witness;
}

}  // namespace message_service::kafka
