// The conversation in which the nodes measure themselves (canary/canary.h). All nodes share it. For clients there is no
// such conversation, whoever they are; only its messages are ever deleted.
//
// It is an id like any other to the log, the store and the events, so that older nodes store its messages too.
#pragma once

#include <string_view>

namespace message_service {

inline constexpr std::string_view kCanaryConversation = "$canary-7c41e2f9";

inline bool is_canary(std::string_view conversation_id) { return conversation_id == kCanaryConversation; }

}  // namespace message_service
