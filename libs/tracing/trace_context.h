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

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  std::uint8_t flags = 1;  // bit 0: sampled

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

}  // namespace tracing
