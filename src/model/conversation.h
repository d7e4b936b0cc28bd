// A conversation and its participants. Values.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace message_service {

struct Participant {
  std::string id;
  std::string type;
  bool operator==(const Participant&) const = default;
};

struct Conversation {
  std::string id;
  std::string title;
  std::vector<Participant> participants;
  base::Timestamp created_at = 0;

  // Whether both ask for the same conversation, whenever they were made.
  bool same_content(const Conversation& other) const {
    return id == other.id && title == other.title && participants == other.participants;
  }
};

}  // namespace message_service
