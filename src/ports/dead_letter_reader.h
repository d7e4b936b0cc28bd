// The topic of dead letters, read for people. Owned by the service; any thread; blocks while it goes over the whole
// topic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/log_record.h"

namespace message_service {

class DeadLetterReader {
 public:
  struct Found {
    Position origin;
    LogRecord record;  // as the topic has it; where that holds a reference only, the record in the log
    std::optional<Position> reference{};
    std::string gone{};  // why the log cannot give the record of a reference
  };

  virtual ~DeadLetterReader() = default;

  // The newest record of each of these letters, in any order; a letter that the topic does not have any more is left
  // out.
  virtual base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) = 0;
};

}  // namespace message_service
