// Which dead letters are open: neither stored since nor discarded. Owned by the service; any thread; blocks for the
// store.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"

namespace message_service {

struct OpenDeadLetterQuery {
  std::optional<std::string> conversation_id;  // nothing: of all
  std::optional<DeadLetterKey> after;          // only those that come later in the order
  std::size_t limit = 500;
};

class OpenDeadLetterReader {
 public:
  virtual ~OpenDeadLetterReader() = default;

  // Ordered by conversation, then partition, then offset. What a batch has committed is seen.
  virtual base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) = 0;
};

}  // namespace message_service
