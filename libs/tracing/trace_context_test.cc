#include "tracing/trace_context.h"

#include <gtest/gtest.h>

#include <set>

namespace tracing {
namespace {

constexpr std::string_view example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, ReadsAndWritesTheStandardForm) {
  const auto context = TraceContext::parse(example);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->to_traceparent(), example);
  EXPECT_EQ(context->trace_id_text(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->flags, 1);
  EXPECT_EQ(trace_id_of(example), context->trace_id_text());
}

TEST(Trace, AChildKeepsTheTraceAndChangesTheSpan) {
  const auto parent = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  const TraceContext child = parent->child();
  EXPECT_EQ(child.trace_id, parent->trace_id);
  EXPECT_NE(child.span_id, parent->span_id);
  EXPECT_EQ(child.flags, 0);
  EXPECT_EQ(TraceContext::parse(child.to_traceparent()), child);
}

TEST(Trace, LaterVersionsMayBringMore) {
  const auto context = TraceContext::parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-what-comes");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->to_traceparent(), example);
}

TEST(Trace, WhatTheStandardForbidsIsAbsent) {
  for (const std::string_view bad : {"", "00", "garbage", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                     "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                                     "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                     "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                     "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                     "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                                     "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                                     "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                                     "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                                     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n"}) {
    EXPECT_FALSE(TraceContext::parse(bad)) << bad;
    EXPECT_EQ(trace_id_of(bad), "") << bad;
  }
}

TEST(Trace, OfALaterVersionOnlyThePartIsKeptThatEveryVersionHas) {
  const std::string later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(valid_traceparent(example), example);
  EXPECT_EQ(valid_traceparent(later + "-\xFF\xFE and any other bytes"), later);
  EXPECT_EQ(valid_traceparent(later + "\xFF"), "");
  EXPECT_EQ(valid_traceparent("\x01\xFF\xFE\x80"), "");
  EXPECT_EQ(valid_traceparent(""), "");
}

TEST(Trace, ContinuesAValidTraceAndStartsOneOtherwise) {
  EXPECT_EQ(TraceContext::continue_or_start(example).to_traceparent(), example);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string traceparent = TraceContext::continue_or_start("nonsense").to_traceparent();
    EXPECT_TRUE(TraceContext::parse(traceparent)) << traceparent;
    ids.insert(traceparent);
  }
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace tracing
