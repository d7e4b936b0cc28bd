#include "tracing/trace_context.h"

#include <algorithm>
#include <span>

#include "base/hex.h"
#include "base/random.h"

namespace tracing {

namespace {

constexpr std::size_t traceparent_bytes = 55;
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t span_id_at = 36;
constexpr std::size_t flags_at = 53;

// W3C's Trace Context, section 3.2: the digits are in lower case.
bool read_lower_hex(std::string_view text, std::span<std::uint8_t> out) {
  const std::string_view digits = text.substr(0, 2 * out.size());
  return std::ranges::none_of(digits, [](char c) { return c >= 'A' && c <= 'F'; }) && base::read_hex(digits, out);
}

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

template <std::size_t N>
std::array<std::uint8_t, N> random_id() {
  auto id = base::random_bytes<N>();
  if (all_zero(id)) id.back() = 1;
  return id;
}

}  // namespace

TraceContext TraceContext::start() { return {random_id<16>(), random_id<8>(), 1}; }

std::optional<TraceContext> TraceContext::parse(std::string_view text) {
  if (text.size() < traceparent_bytes || text[2] != '-' || text[span_id_at - 1] != '-' || text[flags_at - 1] != '-') {
    return std::nullopt;
  }
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  const bool is_hex = read_lower_hex(text, version) && read_lower_hex(text.substr(trace_id_at), context.trace_id) &&
                      read_lower_hex(text.substr(span_id_at), context.span_id) &&
                      read_lower_hex(text.substr(flags_at), flags);
  if (!is_hex || version[0] == 0xFF || all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
  if (text.size() > traceparent_bytes && (version[0] == 0 || text[traceparent_bytes] != '-')) return std::nullopt;
  context.flags = flags[0] & 1;  // the only bit that version 00, which we write, defines
  return context;
}

TraceContext TraceContext::continue_or_start(std::string_view traceparent) {
  if (const auto context = parse(traceparent)) return *context;
  return start();
}

TraceContext TraceContext::child() const { return {trace_id, random_id<8>(), flags}; }

std::string TraceContext::to_traceparent() const {
  std::string out;
  out.reserve(traceparent_bytes);
  out += "00-";
  base::append_hex(out, trace_id);
  out += '-';
  base::append_hex(out, span_id);
  out += '-';
  base::append_hex(out, flags);
  return out;
}

std::string TraceContext::trace_id_text() const { return base::to_hex(trace_id); }

std::string_view valid_traceparent(std::string_view traceparent) {
  return TraceContext::parse(traceparent) ? traceparent.substr(0, traceparent_bytes) : std::string_view();
}

std::string_view trace_id_of(std::string_view traceparent) {
  if (!TraceContext::parse(traceparent)) return {};
  return traceparent.substr(trace_id_at, 32);
}

}  // namespace tracing
