#include "api/http_responses.h"

#include <utility>

#include "api/error_text.h"
#include "base/hex.h"
#include "http/codec/problem.h"
#include "http/codec/target.h"
#include "wire/message_json.h"

namespace message_service::api {

namespace {

unsigned status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::invalid:
      return 400;
    case base::ErrorCode::forbidden:
      return 403;
    case base::ErrorCode::not_found:
      return 404;
    case base::ErrorCode::conflict:
      return 409;
    case base::ErrorCode::refused:
    case base::ErrorCode::unavailable:
      return 503;
    case base::ErrorCode::unknown:
      return 504;
    case base::ErrorCode::corrupt:
      return 500;
  }
  return 500;
}

http::Response located(http::Response response, std::string_view conversation_id, std::string_view kind,
                       std::string_view id) {
  std::string location;
  location.reserve(64 + conversation_id.size() + id.size());
  location.append("/api/conversations/");
  http::append_segment(location, conversation_id);
  location.append("/messages").append(kind).append("/");
  http::append_segment(location, id);
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

}  // namespace

http::Response json_response(unsigned status, std::string json) {
  return {.status = status, .content_type = http::kJson, .body = std::move(json)};
}

http::Response error_response(const base::Error& error, const http::TraceId& trace_id) {
  return operators_error_response({error.code, text_for_clients(error), error.reason}, trace_id);
}

http::Response operators_error_response(const base::Error& error, const http::TraceId& trace_id) {
  const unsigned status = status_of(error.code);
  http::Problem problem{.status = status, .detail = error.text};
  if (status == 503) problem.reason = error.reason.empty() ? "overload" : error.reason;
  auto response = http::problem_response(problem, trace_id);
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response invalid_response(const FieldErrors& errors, const http::TraceId& trace_id) {
  http::Problem problem{.status = 400, .detail = "the request is not valid; see errors", .title = "Validation failed"};
  for (const FieldError& error : errors) {
    if (error.field.empty()) {
      problem.detail = error.text;
    } else {
      problem.errors.emplace_back(error.field, error.text);
    }
  }
  return http::problem_response(problem, trace_id);
}

http::Response outcome_response(const IngressOutcome& outcome, const http::TraceId& trace_id) {
  if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
    const Message& message = *accepted->message;
    return located(json_response(202, wire::accepted_json(message)), message.conversation_id, "/by-temporary-id",
                   message.temporary_message_id);
  }
  if (const auto* now = std::get_if<StoredNow>(&outcome)) {
    const Stored& stored = *now->stored;
    return located(json_response(201, wire::stored_json(stored)), stored.message().conversation_id, "",
                   base::to_hex(stored.id()));
  }
  if (const auto* errors = std::get_if<FieldErrors>(&outcome)) return invalid_response(*errors, trace_id);
  if (const auto* large = std::get_if<TooLarge>(&outcome)) {
    return http::problem_response({.status = 413, .detail = large->text}, trace_id);
  }
  return error_response(std::get<base::Error>(outcome), trace_id);
}

}  // namespace message_service::api
