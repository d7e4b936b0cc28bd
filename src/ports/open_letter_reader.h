// Which dead letters are open: neither stored since nor discarded. Owned by the app; any thread; blocks for the store.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dead_letter.h"

namespace message_service {

struct OpenLetterQuery {
  std::optional<std::string> conversation_id;  // nothing: of all
  std::optional<LetterKey> after;              // only those that come later in the order
  std::size_t limit = 500;
};

class OpenLetterReader {
 public:
  virtual ~OpenLetterReader() = default;

  // Ordered by conversation, then partition, then offset. What a batch has committed is seen.
  virtual base::Result<std::vector<OpenLetter>> open_letters(const OpenLetterQuery& query) = 0;
};

}  // namespace message_service
