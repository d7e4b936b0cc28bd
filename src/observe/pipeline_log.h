// The six lines that describe the way of a message (the contract's section 6); their texts are in pipeline_log.cc only.
//
// Any thread. Lines about one message are Debug and cost one load when that is off; lines about a batch are
// Information, or Debug where nobody but the canary has sent its messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "logging/logging.h"

namespace message_service::pipeline_log {

// The request that caused the work; either member may be empty.
struct Origin {
  std::string_view correlation_id;
  std::string_view traceparent;
};

namespace detail {
void published_requested(std::string_view temporary_id, std::string_view conversation_id, const Origin& origin);
void received_requested(std::string_view temporary_id, const Origin& origin);
void persisted(std::string_view temporary_id, std::string_view message_id, const Origin& origin);
void published_sent(std::string_view message_id, const Origin& origin);
}  // namespace detail

inline void published_requested(std::string_view temporary_id, std::string_view conversation_id,
                                const Origin& origin = {}) {
  if (logging::enabled(logging::Level::debug)) detail::published_requested(temporary_id, conversation_id, origin);
}
inline void received_requested(std::string_view temporary_id, const Origin& origin = {}) {
  if (logging::enabled(logging::Level::debug)) detail::received_requested(temporary_id, origin);
}
inline void persisted(std::string_view temporary_id, std::string_view message_id, const Origin& origin = {}) {
  if (logging::enabled(logging::Level::debug)) detail::persisted(temporary_id, message_id, origin);
}
inline void published_sent(std::string_view message_id, const Origin& origin = {}) {
  if (logging::enabled(logging::Level::debug)) detail::published_sent(message_id, origin);
}

// `store_name` as people know it: "MongoDB", "embedded store".
void flushing_batch(std::size_t messages, std::string_view store_name,
                    logging::Level level = logging::Level::information);
void batch_completed(std::size_t messages, std::chrono::nanoseconds duration,
                     logging::Level level = logging::Level::information);

}  // namespace message_service::pipeline_log
