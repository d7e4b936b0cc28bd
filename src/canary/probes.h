// The canary's own messages that are under way, when the next one is due, and what has become of each. Numbers name
// them, from 1 on.
//
// Pure: the caller brings the time, and lets one thread call at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace message_service {

class Probes {
 public:
  using Seconds = std::chrono::duration<double>;

  struct Timing {
    std::chrono::milliseconds interval{0};                                // between two messages, when each arrives
    std::chrono::milliseconds patience = std::chrono::seconds(60);        // for an accepted one, until the next
    std::chrono::milliseconds rejected_pause = std::chrono::minutes(10);  // after one that became a dead letter
  };

  // A message has arrived when all of `shards` have delivered it.
  Probes(std::size_t shards, const Timing& timing) : shards_(shards), timing_(timing) {}

  // The number of the message to post now, if one is due: never while the last one has no answer, and not before the
  // last accepted one has arrived and can be read, or has had its time.
  std::optional<std::uint64_t> next(base::SteadyTime now);

  // The answers to a message. All times are since its post; nothing for a message that is not under way any more.
  std::optional<Seconds> accepted(std::uint64_t number, base::SteadyTime now);
  void refused(std::uint64_t number);

  // One shard has delivered the message.
  struct Arrival {
    std::optional<Seconds> complete;  // set when it was the last shard
    std::size_t overtaken = 0;        // accepted messages before it that have not arrived, and are lost
  };
  Arrival delivered(std::uint64_t number, base::SteadyTime now);

  // The message became a dead letter. True at the first call for it.
  bool rejected(std::uint64_t number, base::SteadyTime now);

  // The latest message that has arrived and has not been read from the store.
  std::optional<std::uint64_t> to_read() const;
  std::optional<Seconds> read(std::uint64_t number, base::SteadyTime now);

  // Since the 202 of the oldest message that has not arrived, or cannot be read; 0 while all is well.
  Seconds waiting(base::SteadyTime now) const;

 private:
  struct Probe {
    std::uint64_t number;
    base::SteadyTime posted_at;
    std::optional<base::SteadyTime> accepted_at{};
    std::size_t delivered_by = 0;
  };

  // Messages of a long outage; of more than these the oldest are no longer counted as lost.
  static constexpr std::size_t kUnderWayMax = 64;

  std::deque<Probe>::iterator find(std::uint64_t number);
  bool has_arrived(const Probe& probe) const { return probe.delivered_by >= shards_; }
  void note_waiting();

  const std::size_t shards_;
  const Timing timing_;
  std::uint64_t last_ = 0;
  base::SteadyTime next_at_{};
  std::deque<Probe> under_way_;  // ascending
  std::optional<base::SteadyTime> waiting_since_;
};

}  // namespace message_service
