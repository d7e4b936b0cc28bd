#include "transport/api/answers.h"

#include <algorithm>
#include <utility>

#include "transport/http/codec/problem.h"
#include "wire/message_json.h"

namespace message_service::api {

namespace {

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::refused:
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::unknown:
      return 504;
    case ErrorCode::corrupt:
      return 500;
  }
  return 500;
}

bool is_unreserved(char c) {  // RFC 3986, section 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

http::Response located(http::Response response, const std::string& conversation_id, std::string_view kind,
                       const std::string& id) {
  std::string location = "/api/conversations/" + encode_segment(conversation_id) + "/messages";
  location.append(kind).append("/").append(encode_segment(id));
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

}  // namespace

http::Response json_response(unsigned status, std::string json) {
  return {.status = status, .content_type = http::kJson, .body = std::move(json)};
}

http::Response error_response(const Error& error, const http::TraceId& trace_id) {
  const unsigned status = status_of(error.code);
  auto response = http::problem_response({.status = status, .detail = error.text}, trace_id);
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
                   to_hex(stored.id()));
  }
  if (const auto* errors = std::get_if<FieldErrors>(&outcome)) return invalid_response(*errors, trace_id);
  return error_response(std::get<Error>(outcome), trace_id);
}

std::string encode_segment(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (std::ranges::all_of(text, is_unreserved)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 0x0F]});
    }
  }
  return out;
}

}  // namespace message_service::api
