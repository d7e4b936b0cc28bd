// What a client says that it shows of a conversation. A value.
#pragma once

#include <cstdint>
#include <string>

#include "model/view_hash.h"

namespace message_service {

struct ViewReport {
  static constexpr std::uint64_t kMessagesMax = 1000;

  std::string conversation_id;
  std::uint64_t from = 1;  // all messages from here
  std::uint64_t to = 0;    // to here, both included
  std::uint64_t count = 0;
  HashLanes hash;  // ViewHash::rolling()
  HashLanes sum;   // ViewHash::sum()

  std::string person;         // who says it; empty without sign-in
  std::string connection_id;  // by which connection
};

}  // namespace message_service
