// The conversations of Demo:Conversations.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/store.h"

namespace message_service::service {

// Makes those that are missing.
base::Result<void> make_demo_conversations(Store& store, const std::vector<std::string>& ids);

}  // namespace message_service::service
