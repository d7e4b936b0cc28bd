#include "otlp/encoder.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "otlp/wire.h"

namespace otlp {
namespace {

tracing::SpanRecord example_span() {
  tracing::SpanRecord span;
  span.context = *tracing::TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  span.parent = {1, 2, 3, 4, 5, 6, 7, 8};
  span.name = "work";
  span.kind = tracing::SpanKind::producer;
  span.started_ns = 1'000'000'000;
  span.ended_ns = 1'000'000'001;
  span.attributes = {{"text", std::string("value")}, {"number", std::int64_t{-1}}};
  span.links = {span.context};
  span.links_dropped = 300;
  span.failed = true;
  return span;
}

// The bytes that Google's protobuf writes for the same message (tests/tracing/encoder_bytes.py).
TEST(OtlpEncoder, WritesTheBytesOfGooglesLibrary) {
  const tracing::SpanRecord span = example_span();
  const Resource resource{{{"service.name", "s"}}, "scope", "1"};
  EXPECT_EQ(base::to_hex(encode_request(resource, {&span, 1})),
            "0ac1010a150a130a0c736572766963652e6e616d6512030a017312a7010a0a0a0573636f70651201311298010a100af7"
            "651916cd43dd8448eb211c80319c1208b7ad6b7169203331220801020304050607082a04776f726b30043900ca9a3b00"
            "0000004101ca9a3b000000004a0f0a047465787412070a0576616c75654a150a066e756d626572120b18ffffffffffff"
            "ffffff016a210a100af7651916cd43dd8448eb211c80319c1208b7ad6b7169203331350100000070ac027a0218028501"
            "01000000");
}

TEST(OtlpEncoder, LeavesOutWhatASpanHasNot) {
  tracing::SpanRecord span = example_span();
  span.parent = {};
  span.links.clear();
  span.links_dropped = 0;
  span.failed = false;
  span.attributes.clear();
  const std::string bytes = encode_request({}, {&span, 1});
  Reader request(bytes);
  Reader resource_spans(request.next()->bytes);
  EXPECT_EQ(resource_spans.next()->bytes, "");  // no attribute
  Reader scope_spans(resource_spans.next()->bytes);
  EXPECT_TRUE(scope_spans.next());
  Reader fields(scope_spans.next()->bytes);
  std::vector<std::uint32_t> numbers;
  while (const auto field = fields.next()) numbers.push_back(field->number);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{1, 2, 5, 6, 7, 8, 16}));
  EXPECT_TRUE(fields.is_at_end());
}

TEST(OtlpEncoder, ReadsHowManySpansAServerHasRefused) {
  EXPECT_EQ(rejected_spans(""), 0U);
  Writer writer;
  writer.fixed64(7, 1);  // a field of a later version
  writer.message(1, [&] {
    writer.varint(1, 300);
    writer.bytes(2, "too old");
  });
  const std::string response = std::move(writer).take();
  EXPECT_EQ(rejected_spans(response), 300U);
  for (std::size_t length = 1; length < response.size(); ++length) {
    if (length == 9) continue;  // the end of the first field
    EXPECT_EQ(rejected_spans(response.substr(0, length)), std::nullopt) << length;
  }
  EXPECT_EQ(rejected_spans("{}"), std::nullopt);
}

}  // namespace
}  // namespace otlp
