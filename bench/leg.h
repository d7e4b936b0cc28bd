// One leg of a comparison: a fresh server, one load on it, and for the write-behind leg the wait until all is stored.
// run_leg() blocks its caller and leaves no process and no folder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "bench/load.h"

namespace message_service::bench {

enum class LegKind : std::size_t { noop, synchronous, write_behind };
inline constexpr std::array<LegKind, 3> all_legs{LegKind::noop, LegKind::synchronous, LegKind::write_behind};
inline constexpr std::array<const char*, 3> leg_names{"no-op", "Synchronous", "WriteBehind"};

// Shows whether the messages answered 202 reached the store, and how far the store lagged.
struct Drain {
  std::optional<double> lag_records;  // when the load ended
  double stored_at_end = 0;           // of `accepted`, when the load ended
  double stored = 0;                  // in the end
  std::uint64_t accepted = 0;
  double seconds = 0;
  bool complete = false;
  std::optional<double> server_cpu_us_per_message;  // from the window's begin until all was stored
};

struct LegResult {
  LoadResult load;
  std::optional<Drain> drain;  // write-behind only
};

struct LegPlan {
  LegKind kind;
  LoadOptions load;
  std::uint32_t connections;
  std::string server_program, temp_folder;
  std::string label;
};

base::Result<LegResult> run_leg(const LegPlan& plan);

}  // namespace message_service::bench
