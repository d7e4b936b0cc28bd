#include "logging/rare_line.h"

#include <string>

#include "base/clock.h"

namespace logging {

void RareLine::write(std::string_view text) {
  const std::int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(base::SteadyClock::now().time_since_epoch()).count();
  std::int64_t next_ms = next_ms_.load();
  if (now_ms < next_ms || !next_ms_.compare_exchange_strong(next_ms, now_ms + interval_ms_)) {
    ++since_;
    return;
  }
  std::string line(text);
  if (const std::uint64_t more = since_.exchange(0); more > 0) {
    line.append(" (and ").append(std::to_string(more)).append(" times since the last such line)");
  }
  logging::write(level_, line);
}

}  // namespace logging
