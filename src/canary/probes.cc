#include "canary/probes.h"

#include <algorithm>

namespace message_service {

std::optional<std::uint64_t> Probes::next(base::SteadyTime now) {
  if (now < next_at_) return std::nullopt;
  if (!under_way_.empty()) {
    const Probe& latest = under_way_.back();
    if (!latest.accepted_at || now < latest.posted_at + timing_.patience) return std::nullopt;
  }
  if (under_way_.size() == kUnderWayMax) under_way_.pop_front();
  under_way_.push_back({.number = ++last_, .posted_at = now});
  next_at_ = now + timing_.interval;
  return last_;
}

std::deque<Probes::Probe>::iterator Probes::find(std::uint64_t number) {
  return std::ranges::find(under_way_, number, &Probe::number);
}

std::optional<Probes::Seconds> Probes::accepted(std::uint64_t number, base::SteadyTime now) {
  const auto probe = find(number);
  if (probe == under_way_.end()) return std::nullopt;
  probe->accepted_at = now;
  if (!waiting_since_) waiting_since_ = now;
  return now - probe->posted_at;
}

void Probes::refused(std::uint64_t number) {
  std::erase_if(under_way_, [&](const Probe& probe) { return probe.number == number; });
}

// Clients get the messages of a conversation in the order in which they were accepted.
Probes::Arrival Probes::delivered(std::uint64_t number, base::SteadyTime now) {
  const auto probe = find(number);
  if (probe == under_way_.end() || ++probe->delivered_by != shards_) return {};
  Arrival arrival{.complete = now - probe->posted_at};
  arrival.overtaken =
      std::erase_if(under_way_, [&](const Probe& before) { return before.number < number && !has_arrived(before); });
  return arrival;
}

bool Probes::rejected(std::uint64_t number, base::SteadyTime now) {
  const auto probe = find(number);
  if (probe == under_way_.end()) return false;
  under_way_.erase(probe);
  next_at_ = now + timing_.rejected_pause;
  note_waiting();
  return true;
}

std::optional<std::uint64_t> Probes::to_read() const {
  const auto latest = std::find_if(under_way_.rbegin(), under_way_.rend(),
                                   [this](const Probe& probe) { return has_arrived(probe) && probe.accepted_at; });
  return latest == under_way_.rend() ? std::nullopt : std::optional(latest->number);
}

std::optional<Probes::Seconds> Probes::read(std::uint64_t number, base::SteadyTime now) {
  const auto probe = find(number);
  if (probe == under_way_.end()) return std::nullopt;
  const Seconds took = now - probe->posted_at;
  under_way_.erase(under_way_.begin(), probe + 1);
  note_waiting();
  return took;
}

void Probes::note_waiting() {
  const auto waits = std::ranges::find_if(under_way_, [](const Probe& probe) { return probe.accepted_at.has_value(); });
  waiting_since_ = waits == under_way_.end() ? std::nullopt : waits->accepted_at;
}

Probes::Seconds Probes::waiting(base::SteadyTime now) const {
  return waiting_since_ ? Seconds(now - *waiting_since_) : Seconds(0);
}

}  // namespace message_service
