#include "tracing/tracer.h"

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

namespace tracing {
namespace {

constexpr std::string_view sampled_caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view unsampled_caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class Kept final : public SpanSink {
 public:
  void take(SpanRecord&& span) override { spans.push_back(std::move(span)); }
  std::vector<SpanRecord> spans;
};

TEST(Tracer, WithoutASinkStartsNothing) {
  const Tracer off;
  auto [span, traceparent] = off.enter(sampled_caller, "work", SpanKind::server);
  EXPECT_FALSE(span);
  EXPECT_EQ(traceparent, "");
  EXPECT_FALSE(off.start_root("work", SpanKind::internal));
  EXPECT_FALSE(off.start_child(*TraceContext::parse(sampled_caller), "work", SpanKind::internal));
  span.set("key", "value").set("number", 1);
  span.fail("wrong");
  span.end();
}

TEST(Tracer, ContinuesTheTraceOfACallerWhoRecordsIt) {
  Kept kept;
  const Tracer tracer(Sampler(), kept);
  {
    auto [span, traceparent] = tracer.enter(sampled_caller, "work", SpanKind::server);
    ASSERT_TRUE(span);
    EXPECT_EQ(span.context().to_traceparent(), traceparent);
    span.set("text", "value").set("number", 7).set("nothing", "");
    const Span part = tracer.start_child(span.context(), "part", SpanKind::client);
  }
  ASSERT_EQ(kept.spans.size(), 2U);
  const SpanRecord& part = kept.spans[0];
  const SpanRecord& work = kept.spans[1];
  const TraceContext caller = *TraceContext::parse(sampled_caller);
  EXPECT_EQ(work.context.trace_id, caller.trace_id);
  EXPECT_EQ(work.parent, caller.span_id);
  EXPECT_NE(work.context.span_id, caller.span_id);
  EXPECT_EQ(part.parent, work.context.span_id);
  EXPECT_LE(work.started_ns, part.started_ns);
  EXPECT_GE(work.ended_ns, part.ended_ns);
  ASSERT_EQ(work.attributes.size(), 2U);
  EXPECT_EQ(std::get<std::string>(work.attributes[0].value), "value");
  EXPECT_EQ(std::get<std::int64_t>(work.attributes[1].value), 7);
}

TEST(Tracer, PassesTheFlagOnTruthfully) {
  Kept kept;
  struct Case {
    SamplerKind sampler;
    std::string_view caller;
    bool recorded;
    std::string_view flags;  // passed on; empty: as the caller sent it
  };
  for (const Case& each :
       {Case{SamplerKind::parent_always_on, sampled_caller, true, "01"},
        Case{SamplerKind::parent_always_on, unsampled_caller, false, ""},
        Case{SamplerKind::parent_always_on, "", true, "01"},
        Case{SamplerKind::parent_always_off, sampled_caller, true, "01"},
        Case{SamplerKind::parent_always_off, "", false, ""}, Case{SamplerKind::always_on, unsampled_caller, true, "01"},
        Case{SamplerKind::always_off, sampled_caller, false, "00"},
        Case{SamplerKind::always_off, unsampled_caller, false, ""},
        Case{SamplerKind::always_off, "no traceparent", false, ""}}) {
    const Tracer tracer(Sampler(each.sampler), kept);
    const auto [span, traceparent] = tracer.enter(each.caller, "work", SpanKind::server);
    EXPECT_EQ(static_cast<bool>(span), each.recorded);
    EXPECT_EQ(traceparent.empty() ? "" : traceparent.substr(53), each.flags) << each.caller;
    EXPECT_EQ(is_sampled(traceparent), each.recorded);
  }
}

TEST(Sampler, OfARatioTakesThatShareAndAlwaysTheSameTraces) {
  const Sampler quarter(SamplerKind::ratio, 0.25);
  const Sampler tenth(SamplerKind::parent_ratio, 0.1);
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    const TraceContext context = TraceContext::start();
    taken += quarter.takes_root(context.trace_id) ? 1 : 0;
    EXPECT_EQ(quarter.takes(context), quarter.takes_root(context.trace_id));
    // What a smaller ratio takes, a larger one takes too.
    EXPECT_TRUE(!tenth.takes_root(context.trace_id) || quarter.takes_root(context.trace_id));
  }
  EXPECT_NEAR(taken, 2500, 250);
  EXPECT_TRUE(Sampler(SamplerKind::ratio, 1).takes_root({}));
  EXPECT_FALSE(Sampler(SamplerKind::ratio, 0).takes_root({}));
  TraceId high;
  high.fill(0xFF);
  EXPECT_TRUE(Sampler(SamplerKind::ratio, 1).takes_root(high));
}

TEST(Span, BoundsItsTextsAndLinks) {
  Kept kept;
  const Tracer tracer(Sampler(), kept);
  Span span = tracer.start_root("work", SpanKind::consumer);
  span.set("long", std::string(255, 'x') + "éé").set("bytes", "a\xFF");
  for (std::size_t i = 0; i < Span::links_max + 3; ++i) span.link(TraceContext::start());
  span.end();
  span.end();
  ASSERT_EQ(kept.spans.size(), 1U);
  const SpanRecord& record = kept.spans[0];
  EXPECT_EQ(std::get<std::string>(record.attributes[0].value), std::string(255, 'x'));
  EXPECT_EQ(std::get<std::string>(record.attributes[1].value), "a?");
  EXPECT_EQ(record.links.size(), Span::links_max);
  EXPECT_EQ(record.links_dropped, 3U);
}

TEST(Span, SaysWhetherATraceparentIsSampled) {
  EXPECT_TRUE(is_sampled(sampled_caller));
  EXPECT_FALSE(is_sampled(unsampled_caller));
  EXPECT_TRUE(is_sampled("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-more"));
  EXPECT_FALSE(is_sampled(""));
}

}  // namespace
}  // namespace tracing
