// The state of one client in one conversation, from its first join until it leaves. A value.
#pragma once

#include <cstdint>

#include "pipeline/deliver/delivery_cursor.h"

namespace message_service {

struct Subscription {
  enum class Stage : std::uint8_t { joining, catching_up, live, removed };

  std::uint64_t ticket = 0;  // distinguishes this subscription from a later one, after the client has left
  DeliveryCursor cursor;
  std::uint64_t live_from = 0;     // the number of the first announcement of the room that the client gets
  std::uint64_t member_since = 0;  // a removal of the client's person below this is one of an earlier membership
  bool missed = false;             // the fan-out missed an event since the catch-up last asked the store
  Stage stage = Stage::joining;
};

}  // namespace message_service
