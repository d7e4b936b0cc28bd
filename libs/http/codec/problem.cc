#include "http/codec/problem.h"

#include <algorithm>

#include "base/json_text.h"
#include "tracing/trace_context.h"

namespace http {

namespace {

// {"field":["text",…],…}: the texts of one field together, fields in the order of their first occurrence.
std::string errors_json(const std::vector<std::pair<std::string, std::string>>& errors) {
  std::string out = "{";
  for (auto at = errors.begin(); at != errors.end(); ++at) {
    const auto same_field = [&](const auto& error) { return error.first == at->first; };
    if (std::find_if(errors.begin(), at, same_field) != at) continue;
    if (out.size() > 1) out.push_back(',');
    base::append_json_string(out, at->first);
    out.append(":[");
    for (auto error = at; error != errors.end(); ++error) {
      if (!same_field(*error)) continue;
      if (error != at) out.push_back(',');
      base::append_json_string(out, error->second);
    }
    out.push_back(']');
  }
  out.push_back('}');
  return out;
}

}  // namespace

const std::string& TraceId::text() const {
  if (text_.empty()) text_ = tracing::TraceContext::continue_or_start(traceparent_).trace_id_text();
  return text_;
}

Response problem_response(const Problem& problem, const TraceId& trace_id) {
  Response response{.status = problem.status, .content_type = kProblemJson};
  std::string& out = response.body;
  out.append(R"({"type":)");
  base::append_json_string(out, problem.type);
  out.append(R"(,"title":)");
  base::append_json_string(out, problem.title.empty() ? reason_phrase(problem.status) : problem.title);
  out.append(R"(,"status":)").append(std::to_string(problem.status)).append(R"(,"detail":)");
  base::append_json_string(out, problem.detail);
  if (!problem.reason.empty()) {
    out.append(R"(,"reason":)");
    base::append_json_string(out, problem.reason);
  }
  out.append(R"(,"traceId":)");
  base::append_json_string(out, trace_id.text());
  if (!problem.errors.empty()) out.append(R"(,"errors":)").append(errors_json(problem.errors));
  out.push_back('}');
  return response;
}

}  // namespace http
