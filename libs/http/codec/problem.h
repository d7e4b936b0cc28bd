// Errors as clients see them: application/problem+json (RFC 9457). Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/codec/message.h"

namespace http {

struct Problem {
  unsigned status;
  std::string detail;                                       // what is wrong and what would be right
  std::vector<std::pair<std::string, std::string>> errors;  // field -> text; a field may come again
  std::string_view type = "about:blank";
  std::string_view title;   // empty: the status's own phrase
  std::string_view reason;  // of a refusal, for programs; empty: none
};

// The id by which a request is found in the log: that of its traceparent, or one made when it is first asked for.
class TraceId {
 public:
  explicit TraceId(std::string_view traceparent) : traceparent_(traceparent) {}
  const std::string& text() const;

 private:
  std::string_view traceparent_;
  mutable std::string text_;
};

Response problem_response(const Problem& problem, const TraceId& trace_id);

}  // namespace http
