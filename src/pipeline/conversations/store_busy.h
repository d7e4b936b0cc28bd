// The one answer when as many requests wait for the store as may.
#pragma once

#include "base/result.h"

namespace message_service {

inline base::Error store_busy() {
  return {base::ErrorCode::refused, "too many requests wait for the store", "store-queue"};
}

}  // namespace message_service
