#include "adapters/mongodb/log_sequences.h"

#include <algorithm>
#include <iterator>

namespace message_service::mongodb {

namespace {

constexpr std::uint64_t kPlacesMax = std::uint64_t{1} << kPlaceBits;

std::optional<std::uint64_t> sequence_in(const Epoch& epoch, Position position) {
  const auto width = static_cast<std::uint64_t>(epoch.width());
  const auto offset = static_cast<std::uint64_t>(position.offset);
  if (position.offset < 0 || offset >= kPlacesMax / width - 1) return std::nullopt;
  return epoch.first_sequence() + offset * width +
         static_cast<std::uint64_t>(position.partition - epoch.partitions_begin);
}

bool is_of(const Epoch& epoch, std::string_view log_id) {
  return epoch.kind == Epoch::Kind::log && epoch.log_id == log_id;
}

// The last epochs that have followed this log without a break, the one with partition 0 first.
std::vector<Epoch> current_run(const std::vector<Epoch>& epochs, std::string_view log_id) {
  std::vector<Epoch> run;
  for (auto epoch = epochs.rbegin(); epoch != epochs.rend() && is_of(*epoch, log_id); ++epoch) {
    run.insert(run.begin(), *epoch);
    if (epoch->partitions_begin == 0) return run;
  }
  return {};
}

// Whether the log is shorter than it once was: somebody has deleted its records, and their offsets are used again.
bool was_cut(const std::vector<Epoch>& run, const LogShape& shape) {
  return std::ranges::any_of(run, [&](const Epoch& epoch) {
    for (std::size_t i = 0; i < epoch.seen_ends.size(); ++i) {
      const auto partition = static_cast<std::size_t>(epoch.partitions_begin) + i;
      if (partition < shape.end_offsets.size() && shape.end_offsets[partition] < epoch.seen_ends[i]) return true;
    }
    return false;
  });
}

Epoch make_epoch(int number, const LogShape& shape, std::int32_t partitions_begin) {
  Epoch epoch{.number = number,
              .kind = Epoch::Kind::log,
              .log_id = shape.log_id,
              .partitions_begin = partitions_begin,
              .partitions_end = shape.partitions};
  for (auto p = static_cast<std::size_t>(partitions_begin); p < static_cast<std::size_t>(shape.partitions); ++p) {
    epoch.seen_ends.push_back(p < shape.end_offsets.size() ? shape.end_offsets[p] : 0);
  }
  return epoch;
}

// When the number of partitions was multiplied, a key stays in its partition or moves to a new one. Else it may move
// between two old ones.
bool keys_stay_or_rise(std::int32_t before, std::int32_t now) { return now % before == 0; }

}  // namespace

base::Result<std::optional<Epoch>> epoch_to_begin(const std::vector<Epoch>& epochs, const LogShape& shape) {
  if (shape.partitions < 1 || shape.log_id.empty()) {
    return base::Error{base::ErrorCode::unavailable, "the log of requested messages has no partitions yet"};
  }
  const int number = epochs.empty() ? 0 : epochs.back().number + 1;
  const std::vector<Epoch> run = current_run(epochs, shape.log_id);
  const std::int32_t covered = run.empty() ? 0 : run.back().partitions_end;
  if (run.empty() || was_cut(run, shape) || shape.partitions < covered)
    return std::optional(make_epoch(number, shape, 0));
  if (shape.partitions == covered) return std::optional<Epoch>();
  return std::optional(make_epoch(number, shape, keys_stay_or_rise(covered, shape.partitions) ? covered : 0));
}

const Epoch* epoch_of(const std::vector<Epoch>& epochs, std::string_view log_id, std::int32_t partition) {
  const auto found = std::find_if(epochs.rbegin(), epochs.rend(), [&](const Epoch& epoch) {
    return is_of(epoch, log_id) && epoch.holds_for(partition);
  });
  return found == epochs.rend() ? nullptr : &*found;
}

Epoch epoch_of_others(const std::vector<Epoch>& epochs, const LogShape& shape, const std::set<std::int32_t>& others) {
  const Epoch& newest = epochs.back();
  const std::vector<Epoch> run = current_run(epochs, shape.log_id);
  const std::int32_t covered = run.empty() ? 0 : run.back().partitions_end;
  const bool joinable = is_of(newest, shape.log_id) && newest.joined && newest.partitions_end == shape.partitions &&
                        std::ranges::none_of(others, [&](std::int32_t p) { return newest.joined->contains(p); });
  if (joinable) {
    Epoch epoch = newest;
    epoch.joined->insert(others.begin(), others.end());
    return epoch;
  }
  Epoch epoch = make_epoch(newest.number + 1, shape, 0);
  // A topic with another number of partitions is another one as a whole.
  if (covered == shape.partitions) {
    epoch.joined = others;
    std::ranges::fill(epoch.seen_ends, 0);
  }
  return epoch;
}

bool follows_a_cut(const std::vector<Epoch>& epochs, const Epoch& next) {
  return !epochs.empty() && is_of(epochs.back(), next.log_id) && next.partitions_begin == 0 &&
         next.partitions_end <= epochs.back().partitions_end;
}

LogSequences::LogSequences(const std::vector<Epoch>& epochs, std::string_view log_id) {
  std::ranges::copy_if(epochs, std::back_inserter(newest_first_),
                       [&](const Epoch& epoch) { return is_of(epoch, log_id); });
  std::ranges::reverse(newest_first_);
}

bool LogSequences::covers(std::int32_t partition) const {
  return std::ranges::any_of(newest_first_, [&](const Epoch& epoch) { return epoch.holds_for(partition); });
}

std::optional<std::uint64_t> LogSequences::of(Position position) const {
  for (const Epoch& epoch : newest_first_) {
    if (epoch.holds_for(position.partition)) return sequence_in(epoch, position);
  }
  return std::nullopt;
}

bool LogSequences::could_be(Position position, std::uint64_t sequence) const {
  return std::ranges::any_of(newest_first_, [&](const Epoch& epoch) {
    return epoch.covers(position.partition) && sequence_in(epoch, position) == sequence;
  });
}

}  // namespace message_service::mongodb
