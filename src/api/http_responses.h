// Outcomes of the pipeline and of stores as HTTP answers. Pure.
#pragma once

#include <string_view>

#include "http/codec/message.h"
#include "http/codec/problem.h"
#include "pipeline/accept/ingress.h"

namespace message_service::api {

// 404, 409, 503 or 504 and the like; a damaged store is a 500.
http::Response error_response(const base::Error& error, const http::TraceId& trace_id);

// The same with the error's own words, which only an operator may read.
http::Response operators_error_response(const base::Error& error, const http::TraceId& trace_id);

// 400 naming every field; with the empty field name the text becomes the detail.
http::Response invalid_response(const FieldErrors& errors, const http::TraceId& trace_id);

// The answer to a POST of a message.
http::Response outcome_response(const IngressOutcome& outcome, const http::TraceId& trace_id);

http::Response json_response(unsigned status, std::string json);

}  // namespace message_service::api
