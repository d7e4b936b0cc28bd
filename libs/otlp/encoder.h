// OTLP's request for spans, in protobuf (docs/decisions/0030). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracing/span.h"

namespace otlp {

// The program that the spans come from.
struct Resource {
  std::vector<std::pair<std::string, std::string>> attributes;  // well-formed UTF-8
  std::string scope_name;                                       // of the code that makes the spans
  std::string scope_version;
};

// An ExportTraceServiceRequest.
std::string encode_request(const Resource& resource, std::span<const tracing::SpanRecord> spans);

// How many spans a server has refused, from its ExportTraceServiceResponse; nothing when the bytes are none.
std::optional<std::uint64_t> rejected_spans(std::string_view response);

}  // namespace otlp
