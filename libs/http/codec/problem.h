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
  std::string detail;                                       // the mistake, and how to correct it
  std::vector<std::pair<std::string, std::string>> errors;  // field -> text; a field may occur several times
  std::string_view type = "about:blank";
  std::string_view title;   // empty: the status's own phrase
  std::string_view reason;  // of a refusal, for programs; empty: none
};

// The id that finds a request in the log: the trace id of its traceparent, or a new one made by the first call of
// text().
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
