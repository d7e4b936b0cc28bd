#include "observe/pipeline_log.h"

#include <array>
#include <cstdio>
#include <string>

#include "tracing/trace_context.h"

namespace message_service::pipeline_log {

namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

void debug(std::string_view text, const Origin& origin) {
  logging::debug(text, {{logging::correlation_id, origin.correlation_id},
                        {logging::trace_id, tracing::trace_id_of(origin.traceparent)}});
}

// "200" or "1.25": at most three decimals, none that say nothing.
std::string decimal(double number) {
  std::array<char, 64> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.3f", number);
  std::string text(buffer.data(), static_cast<std::size_t>(length));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

namespace detail {

void published_requested(std::string_view temporary_id, std::string_view conversation_id, const Origin& origin) {
  debug(joined({"📤 Published SendMessageRequestedEvent: TempId=", temporary_id, ", ConversationId=", conversation_id}),
        origin);
}

void received_requested(std::string_view temporary_id, const Origin& origin) {
  debug(joined({"📥 Received SendMessageRequestedEvent: TempId=", temporary_id}), origin);
}

void persisted(std::string_view temporary_id, std::string_view message_id, const Origin& origin) {
  debug(joined({"💾 Message persisted: TempId=", temporary_id, " → MongoId=", message_id}), origin);
}

void published_sent(std::string_view message_id, const Origin& origin) {
  debug(joined({"📤 Published MessageSentEvent: MessageId=", message_id}), origin);
}

}  // namespace detail

void flushing_batch(std::size_t messages, std::string_view store_name, logging::Level level) {
  if (!logging::enabled(level)) return;
  logging::write(level, joined({"🔥 Flushing batch: ", std::to_string(messages), " messages to ", store_name}));
}

void batch_completed(std::size_t messages, std::chrono::nanoseconds duration, logging::Level level) {
  if (!logging::enabled(level)) return;
  const double total_ms = std::chrono::duration<double, std::milli>(duration).count();
  const double each_ms = messages == 0 ? 0 : total_ms / static_cast<double>(messages);
  logging::write(level, joined({"✅ Batch flush completed: ", std::to_string(messages), " messages in ",
                                decimal(total_ms), "ms (avg: ", decimal(each_ms), "ms/message)"}));
}

}  // namespace message_service::pipeline_log
