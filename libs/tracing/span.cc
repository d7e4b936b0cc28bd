#include "tracing/span.h"

#include <algorithm>
#include <chrono>

#include "base/utf8.h"

namespace tracing {

namespace {

// At most `bytes_max` of it, and whole characters. Bytes that are no text become question marks.
std::string bounded_text(std::string_view text, std::size_t bytes_max) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  std::size_t end = std::min(text.size(), bytes_max);
  while (end > 0 && end < text.size() && continues(text[end])) --end;
  std::string out(text.substr(0, end));
  if (!base::is_valid_utf8(out))
    std::ranges::replace_if(
        out, [](char c) { return (c & 0x80) != 0; }, '?');
  return out;
}

}  // namespace

std::int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Span::Span(SpanSink& sink, SpanRecord record)
    : recording_(std::make_unique<Recording>(Recording{sink, std::move(record)})) {}

Span& Span::operator=(Span&& other) noexcept {
  if (this != &other) {
    end();
    recording_ = std::move(other.recording_);
  }
  return *this;
}

void Span::begin_at(std::int64_t started_ns) {
  if (recording_) recording_->record.started_ns = started_ns;
}

Span& Span::set(std::string_view key, std::string_view value) {
  if (recording_ && !value.empty()) {
    recording_->record.attributes.push_back({key, bounded_text(value, text_bytes_max)});
  }
  return *this;
}

Span& Span::set(std::string_view key, std::int64_t value) {
  if (recording_) recording_->record.attributes.push_back({key, value});
  return *this;
}

void Span::link(const TraceContext& context) {
  if (!recording_) return;
  if (recording_->record.links.size() < links_max) {
    recording_->record.links.push_back(context);
  } else {
    ++recording_->record.links_dropped;
  }
}

void Span::fail(std::string_view error_type) {
  if (!recording_) return;
  recording_->record.failed = true;
  set("error.type", error_type);
}

void Span::end() {
  if (!recording_) return;
  const std::unique_ptr<Recording> ended = std::move(recording_);
  // The clock may have been set back meanwhile.
  if (ended->record.ended_ns == 0) ended->record.ended_ns = std::max(now_ns(), ended->record.started_ns);
  ended->sink.take(std::move(ended->record));
}

}  // namespace tracing
