#include "observe/message_traces.h"

#include <gtest/gtest.h>

#include <vector>

namespace message_service {
namespace {

constexpr std::string_view kRequest = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kUnsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class KeptSpans final : public tracing::SpanSink {
 public:
  void take(tracing::SpanRecord&& span) override { spans.push_back(std::move(span)); }
  std::vector<tracing::SpanRecord> spans;
};

class MessageTracesTest : public testing::Test {
 protected:
  static MessageTraces::Names names() {
    return {.messaging_system = "kafka",
            .requested_topic = "requested",
            .sent_topic = "sent",
            .consumer_group = "group",
            .db_system = "mongodb",
            .db_namespace = "database",
            .db_collection = "messages",
            .db_operation = "insert",
            .db_span = "insert messages"};
  }
  KeptSpans kept;
  const tracing::Tracer tracer{tracing::Sampler(), kept};
};

TEST_F(MessageTracesTest, TheRecordNamesTheAppendAndTheAppendNamesTheRequest) {
  const MessageTraces traces(tracer, names());
  std::string traceparent(kRequest);
  const tracing::SpanId request = traces.reserve_send(traceparent);
  const auto caller = tracing::TraceContext::parse(kRequest);
  EXPECT_EQ(request, caller->span_id);
  EXPECT_NE(traceparent, kRequest);
  traces.start_send(traceparent, request, "temporary", "correlation");
  ASSERT_EQ(kept.spans.size(), 1U);
  EXPECT_EQ(kept.spans[0].context.to_traceparent(), traceparent);
  EXPECT_EQ(kept.spans[0].context.trace_id, caller->trace_id);
  EXPECT_EQ(kept.spans[0].parent, request);
}

TEST_F(MessageTracesTest, AMessageThatIsNotSampledLeavesNoSpanAndKeepsItsTraceparent) {
  const MessageTraces traces(tracer, names());
  for (const std::string_view given : {kUnsampled, std::string_view()}) {
    std::string traceparent(given);
    const tracing::SpanId request = traces.reserve_send(traceparent);
    EXPECT_EQ(request, tracing::SpanId{});
    EXPECT_EQ(traceparent, given);
    EXPECT_FALSE(traces.start_send(traceparent, request, "", ""));
    EXPECT_FALSE(traces.start_delivery({}, traceparent));
  }
  std::string traceparent(kRequest);
  EXPECT_EQ(MessageTraces::off().reserve_send(traceparent), tracing::SpanId{});
  EXPECT_EQ(traceparent, kRequest);
  EXPECT_FALSE(MessageTraces::off().start_delivery({}, kRequest));
  EXPECT_TRUE(kept.spans.empty());
}

TEST_F(MessageTracesTest, ABatchOfOneJoinsItsMessagesTraceAndOthersBeginOne) {
  const MessageTraces traces(tracer, names());
  const tracing::Span one = traces.start_batch(1, kRequest);
  const tracing::Span more = traces.start_batch(2, "");
  const auto message = tracing::TraceContext::parse(kRequest);
  EXPECT_EQ(one.context().trace_id, message->trace_id);
  EXPECT_NE(more.context().trace_id, message->trace_id);
  EXPECT_EQ(traces.start_store_write(more, 2).context().trace_id, more.context().trace_id);
  EXPECT_FALSE(traces.start_store_write(tracing::Span(), 2));
}

TEST_F(MessageTracesTest, TheDeliveryIsAPartOfTheTraceThatTheEventNames) {
  const MessageTraces traces(tracer, names());
  const tracing::Span span = traces.start_delivery({3}, kRequest);
  ASSERT_TRUE(span);
  EXPECT_EQ(span.context().trace_id, tracing::TraceContext::parse(kRequest)->trace_id);
}

}  // namespace
}  // namespace message_service
