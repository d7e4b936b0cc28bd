// A span: a piece of work with a beginning and an end, in a trace.
//
// Span is a handle for the code that does the work. It is empty for work that is not recorded; then every call returns
// at once, and nothing was allocated. One owner at a time, any thread. The span ends with its handle, or with end(),
// and goes to the sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tracing/trace_context.h"

namespace tracing {

// Numbered as OpenTelemetry's protocol numbers them.
enum class SpanKind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

struct Attribute {
  std::string_view key;  // a literal
  std::variant<std::string, std::int64_t> value;
};

// Nanoseconds since the Unix epoch.
std::int64_t now_ns();

// A span as it is exported. Texts are well-formed UTF-8 and bounded.
struct SpanRecord {
  TraceContext context;
  SpanId parent{};        // zeros: none
  std::string_view name;  // outlives the span
  SpanKind kind = SpanKind::internal;
  std::int64_t started_ns = 0;
  std::int64_t ended_ns = 0;
  std::vector<Attribute> attributes{};
  std::vector<TraceContext> links{};
  std::size_t links_dropped = 0;
  bool failed = false;
};

// Takes the spans that have ended. Any thread; must be quick, and must not throw.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void take(SpanRecord&& span) = 0;
};

class Span {
 public:
  static constexpr std::size_t text_bytes_max = 256;  // of an attribute; the rest is cut off
  static constexpr std::size_t links_max = 128;       // further ones are counted

  Span() = default;
  Span(SpanSink& sink, SpanRecord record);
  ~Span() { end(); }
  Span(Span&& other) noexcept = default;
  Span& operator=(Span&& other) noexcept;

  explicit operator bool() const { return recording_ != nullptr; }
  // Not of an empty span.
  const TraceContext& context() const { return recording_->record.context; }

  // For work that had begun before the handle was made.
  void begin_at(std::int64_t started_ns);

  // An empty text is left out.
  Span& set(std::string_view key, std::string_view value);
  Span& set(std::string_view key, std::int64_t value);
  void link(const TraceContext& context);
  // The work has failed. `error_type`: of a small set, for OpenTelemetry's attribute error.type.
  void fail(std::string_view error_type);
  void end();

 private:
  struct Recording {
    SpanSink& sink;
    SpanRecord record;
  };
  std::unique_ptr<Recording> recording_;
};

}  // namespace tracing
