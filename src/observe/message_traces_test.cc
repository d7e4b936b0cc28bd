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
  static MessageTraces::Names names(bool events_keep_traces) {
    return {.messaging_system = "kafka",
            .requested_topic = "requested",
            .sent_topic = "sent",
            .consumer_group = "group",
            .db_system = "mongodb",
            .db_namespace = "database",
            .db_collection = "messages",
            .db_operation = "insert",
            .db_span = "insert messages",
            .events_keep_traces = events_keep_traces};
  }
  KeptSpans kept;
  const tracing::Tracer tracer{tracing::Sampler(), kept};
};

TEST_F(MessageTracesTest, TheRecordNamesTheAppendAndTheAppendNamesTheRequest) {
  const MessageTraces traces(tracer, names(true));
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
  const MessageTraces traces(tracer, names(true));
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
  MessageTraces::off().remember({}, kRequest);
  EXPECT_FALSE(MessageTraces::off().start_delivery({}, kRequest));
  EXPECT_TRUE(kept.spans.empty());
}

TEST_F(MessageTracesTest, ABatchOfOneJoinsItsMessagesTraceAndOthersBeginOne) {
  const MessageTraces traces(tracer, names(true));
  const tracing::Span one = traces.start_batch(1, kRequest);
  const tracing::Span more = traces.start_batch(2, "");
  const auto message = tracing::TraceContext::parse(kRequest);
  EXPECT_EQ(one.context().trace_id, message->trace_id);
  EXPECT_NE(more.context().trace_id, message->trace_id);
  EXPECT_EQ(traces.start_store_write(more, 2).context().trace_id, more.context().trace_id);
  EXPECT_FALSE(traces.start_store_write(tracing::Span(), 2));
}

TEST_F(MessageTracesTest, TheDeliveryFindsTheTraceWhereEventsDoNotKeepIt) {
  const MessageTraces traces(tracer, names(false));
  const MessageTraces::MessageId id{1};
  traces.remember(id, kRequest);
  traces.remember({2}, kUnsampled);
  const tracing::Span span = traces.start_delivery(id, "");
  ASSERT_TRUE(span);
  EXPECT_EQ(span.context().trace_id, tracing::TraceContext::parse(kRequest)->trace_id);
  EXPECT_FALSE(traces.start_delivery(id, "")) << "once only";
  EXPECT_FALSE(traces.start_delivery({2}, ""));
  EXPECT_TRUE(traces.start_delivery({3}, kRequest)) << "the event has it";
}

TEST_F(MessageTracesTest, RemembersTheLatestMessagesOnly) {
  const MessageTraces traces(tracer, names(false));
  const auto id_of = [](int number) {
    MessageTraces::MessageId id{};
    id[4] = static_cast<std::uint8_t>(number);
    id[5] = static_cast<std::uint8_t>(number >> 8);
    return id;
  };
  for (int number = 0; number < 5'000; ++number) traces.remember(id_of(number), kRequest);
  EXPECT_FALSE(traces.start_delivery(id_of(0), ""));
  EXPECT_FALSE(traces.start_delivery(id_of(903), ""));
  EXPECT_TRUE(traces.start_delivery(id_of(904), ""));
  EXPECT_TRUE(traces.start_delivery(id_of(4'999), ""));
}

}  // namespace
}  // namespace message_service
