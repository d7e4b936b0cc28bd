// The service's log: lines for people, or one JSON object a line.
//
// The log is process-wide. main starts and stops it; any thread may call it in between. A caller never waits: lines
// pass through a bounded queue to one writer thread. When the reader of our output is too slow, the log drops and
// counts the oldest waiting lines. Before start() and after stop() nothing is enabled.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "base/bounds.h"

namespace logging {

enum class Level : int { trace, debug, information, warning, error, none };
enum class Format { text, json };

struct Options {
  Level level = Level::information;
  Format format = Format::text;
  std::size_t queue_lines = 8192;
  static constexpr base::Bounds<std::size_t> queue_lines_bounds{16, 1'000'000};
  int descriptor = 1;  // the log writes lines here and does not close it
};

// Shown in the JSON form only: people follow a line by the ids in its text.
inline constexpr std::string_view correlation_id = "correlationId";
inline constexpr std::string_view trace_id = "traceId";

// A named value beside the text; the log leaves out empty values.
struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  Field(std::string_view name, double number) : key(name), value(number) {}
  template <std::integral Number>
  Field(std::string_view name, Number number) : key(name) {
    if constexpr (std::same_as<Number, bool>) {
      value = number;
    } else {
      value = static_cast<std::int64_t>(number);
    }
  }
};
using Fields = std::initializer_list<Field>;

void start(const Options& options);

// Waits until every line written before the call is out (or dropped); returns false when this takes longer.
bool flush(std::chrono::milliseconds timeout);

// Writes the queued lines, for at most `timeout`, and ends the writer. Call when no other thread logs any more.
void stop(std::chrono::milliseconds timeout = std::chrono::seconds(1));

// Lines that were dropped because the queue was full, since start().
std::uint64_t dropped_lines();

void set_level(Level level);

namespace detail {
inline std::atomic<int> lowest_level{static_cast<int>(Level::none)};
void write(Level level, std::string_view text, Fields fields);
}  // namespace detail

// One relaxed load: ask before building the text of a line on a hot path.
inline bool enabled(Level level) {
  return static_cast<int>(level) >= detail::lowest_level.load(std::memory_order_relaxed) && level != Level::none;
}

inline void write(Level level, std::string_view text, Fields fields = {}) {
  if (enabled(level)) detail::write(level, text, fields);
}
inline void trace(std::string_view text, Fields fields = {}) { write(Level::trace, text, fields); }
inline void debug(std::string_view text, Fields fields = {}) { write(Level::debug, text, fields); }
inline void info(std::string_view text, Fields fields = {}) { write(Level::information, text, fields); }
inline void warning(std::string_view text, Fields fields = {}) { write(Level::warning, text, fields); }
inline void error(std::string_view text, Fields fields = {}) { write(Level::error, text, fields); }

}  // namespace logging
