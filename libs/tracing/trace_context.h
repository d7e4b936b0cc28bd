// The W3C trace context (`traceparent`): identifies the trace that work belongs to, across processes.
//
// A small value; any thread. Input from outside is validated, never trusted: a value that does not parse counts as
// absent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tracing {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  std::uint8_t flags = 1;  // bit 0: sampled

  bool is_sampled() const { return (flags & 1) != 0; }

  // A new trace with random ids.
  static TraceContext start();

  // Reads "00-<32 hex>-<16 hex>-<2 hex>"; later versions with more fields too. Returns nothing for values that the
  // standard forbids: upper case, version ff, an id of zeros only.
  static std::optional<TraceContext> parse(std::string_view traceparent);

  // The caller's trace context when it is valid, else a new trace.
  static TraceContext continue_or_start(std::string_view traceparent);

  // The same trace with a new span, to send onwards.
  TraceContext child() const;

  std::string to_traceparent() const;
  std::string trace_id_text() const;  // 32 hex digits, as problem+json and the log show it

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// The part of a traceparent that every version has, without a copy; empty when the traceparent is not valid. Later
// versions may add any bytes after this part; they are dropped.
std::string_view valid_traceparent(std::string_view traceparent);

// The trace id inside a traceparent, without a copy; empty when the traceparent is not valid. For log fields.
std::string_view trace_id_of(std::string_view traceparent);

// Whether the traceparent's flags say that its caller records the trace. Looks at the flags alone: for a traceparent
// that was valid when it was taken in.
inline bool is_sampled(std::string_view traceparent) {
  constexpr std::size_t last_digit = 54;
  if (traceparent.size() <= last_digit) return false;
  const char digit = traceparent[last_digit];
  return (digit <= '9' ? digit - '0' : digit - 'a' + 10) % 2 == 1;
}

}  // namespace tracing
