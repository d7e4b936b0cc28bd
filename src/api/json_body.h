// Checks that a request's body is in the form that the API reads: JSON in UTF-8. Pure.
#pragma once

#include <optional>

#include "http/routing/router.h"

namespace message_service::api {

// 415 unless Content-Type names this form.
std::optional<http::Response> refuse_unless_json(const http::Exchange& exchange);

}  // namespace message_service::api
