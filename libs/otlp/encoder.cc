#include "otlp/encoder.h"

#include "otlp/wire.h"

// The numbers of the fields are those of opentelemetry/proto/trace/v1/trace.proto and the files that it imports.
namespace otlp {

namespace {

constexpr std::uint32_t flag_sampled = 1;
constexpr std::uint64_t status_error = 2;

std::string_view view_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_set(const tracing::SpanId& id) { return id != tracing::SpanId{}; }

// A KeyValue.
void write_attribute(Writer& writer, std::uint32_t field, std::string_view key,
                     const std::variant<std::string, std::int64_t>& value) {
  writer.message(field, [&] {
    writer.bytes(1, key);
    writer.message(2, [&] {
      if (const auto* text = std::get_if<std::string>(&value)) return writer.bytes(1, *text);
      writer.varint(3, static_cast<std::uint64_t>(std::get<std::int64_t>(value)));
    });
  });
}

void write_link(Writer& writer, const tracing::TraceContext& context) {
  writer.message(13, [&] {
    writer.bytes(1, view_of(context.trace_id));
    writer.bytes(2, view_of(context.span_id));
    writer.fixed32(6, context.flags & flag_sampled);
  });
}

void write_span(Writer& writer, const tracing::SpanRecord& span) {
  writer.message(2, [&] {
    writer.bytes(1, view_of(span.context.trace_id));
    writer.bytes(2, view_of(span.context.span_id));
    if (is_set(span.parent)) writer.bytes(4, view_of(span.parent));
    writer.bytes(5, span.name);
    writer.varint(6, static_cast<std::uint64_t>(span.kind));
    writer.fixed64(7, static_cast<std::uint64_t>(span.started_ns));
    writer.fixed64(8, static_cast<std::uint64_t>(span.ended_ns));
    for (const tracing::Attribute& attribute : span.attributes) {
      write_attribute(writer, 9, attribute.key, attribute.value);
    }
    for (const tracing::TraceContext& link : span.links) write_link(writer, link);
    if (span.links_dropped > 0) writer.varint(14, span.links_dropped);
    if (span.failed) writer.message(15, [&] { writer.varint(3, status_error); });
    writer.fixed32(16, span.context.flags & flag_sampled);
  });
}

}  // namespace

std::string encode_request(const Resource& resource, std::span<const tracing::SpanRecord> spans) {
  Writer writer;
  writer.message(1, [&] {
    writer.message(1, [&] {
      for (const auto& [key, value] : resource.attributes) write_attribute(writer, 1, key, value);
    });
    writer.message(2, [&] {
      writer.message(1, [&] {
        writer.bytes(1, resource.scope_name);
        writer.bytes(2, resource.scope_version);
      });
      for (const tracing::SpanRecord& span : spans) write_span(writer, span);
    });
  });
  return std::move(writer).take();
}

std::optional<std::uint64_t> rejected_spans(std::string_view response) {
  constexpr std::uint32_t partial_success = 1;
  constexpr std::uint32_t rejected = 1;
  std::uint64_t spans = 0;
  Reader outer(response);
  while (const auto part = outer.next()) {
    if (part->number != partial_success) continue;
    Reader inner(part->bytes);
    while (const auto field = inner.next()) {
      if (field->number == rejected) spans = field->value;
    }
    if (!inner.is_at_end()) return std::nullopt;
  }
  return outer.is_at_end() ? std::optional(spans) : std::nullopt;
}

}  // namespace otlp
