// Reads lines of a recorded history. One owner; the texts of an event last until the next line is parsed.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "verify/history_event.h"

namespace message_service::verify {

class LineParser {
 public:
  LineParser();
  ~LineParser();

  // `corrupt`: the line is no whole JSON object. `invalid`: it is one, and the text names the field that is wrong.
  base::Result<HistoryEvent> parse(std::string_view line);

 private:
  struct Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace message_service::verify
