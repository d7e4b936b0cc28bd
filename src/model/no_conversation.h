// The one answer about a conversation that does not exist, to those who may know that.
#pragma once

#include "base/result.h"

namespace message_service {

inline base::Error no_conversation() { return {base::ErrorCode::not_found, "there is no such conversation"}; }

}  // namespace message_service
