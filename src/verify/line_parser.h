// Reads lines of a recorded history. One owner.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "verify/history_event.h"

namespace message_service::verify {

class LineParser {
 public:
  LineParser();
  ~LineParser();

  // The event's texts lie in the line, or in `decoded` where the line spells them with escapes.
  //
  // `corrupt`: the line is no whole JSON object. `invalid`: it is one, and the text names the field that is wrong.
  base::Result<HistoryEvent> parse(std::string_view line, std::deque<std::string>& decoded);

 private:
  struct Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace message_service::verify
