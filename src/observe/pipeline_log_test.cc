#include "observe/pipeline_log.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "support/cpp/captured_log.h"

namespace message_service {
namespace {

using namespace std::chrono_literals;

using PipelineLog = logging::CapturedLog;

TEST_F(PipelineLog, TheSixLinesReadAsTheContractSays) {
  start(logging::Level::debug);
  pipeline_log::published_requested("temp-abc123", "conv-123", {.correlation_id = "c", .traceparent = ""});
  pipeline_log::received_requested("temp-abc123");
  pipeline_log::flushing_batch(50, "MongoDB");
  pipeline_log::batch_completed(50, 200ms);
  pipeline_log::batch_completed(8, 12345us);
  pipeline_log::persisted("temp-abc123", "674ae9e5f2e3b5c8d4f1a2b3");
  pipeline_log::published_sent("674ae9e5f2e3b5c8d4f1a2b3");
  const std::string without_time = std::regex_replace(take(), std::regex(R"(\d{4}-\S+Z )"), "");
  EXPECT_EQ(without_time,
            "DEBUG 📤 Published SendMessageRequestedEvent: TempId=temp-abc123, ConversationId=conv-123\n"
            "DEBUG 📥 Received SendMessageRequestedEvent: TempId=temp-abc123\n"
            "INFO 🔥 Flushing batch: 50 messages to MongoDB\n"
            "INFO ✅ Batch flush completed: 50 messages in 200ms (avg: 4ms/message)\n"
            "INFO ✅ Batch flush completed: 8 messages in 12.345ms (avg: 1.543ms/message)\n"
            "DEBUG 💾 Message persisted: TempId=temp-abc123 → MongoId=674ae9e5f2e3b5c8d4f1a2b3\n"
            "DEBUG 📤 Published MessageSentEvent: MessageId=674ae9e5f2e3b5c8d4f1a2b3\n");
}

TEST_F(PipelineLog, MessageLinesNeedDebugAndCarryTheirOrigin) {
  const pipeline_log::Origin origin{"corr-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  start(logging::Level::information, logging::Format::json);
  pipeline_log::published_sent("m-1", origin);
  logging::set_level(logging::Level::debug);
  pipeline_log::published_sent("m-2", origin);
  const std::string out = take();
  EXPECT_EQ(out.find("m-1"), std::string::npos);
  EXPECT_NE(out.find(R"("level":"Debug","message":"📤 Published MessageSentEvent: MessageId=m-2",)"
                     R"("correlationId":"corr-1","traceId":"0af7651916cd43dd8448eb211c80319c"})"),
            std::string::npos)
      << out;
}

}  // namespace
}  // namespace message_service
