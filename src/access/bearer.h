// The bearer token of a request (RFC 6750), and the answers that ask for one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/codec/problem.h"
#include "http/routing/router.h"

namespace message_service::access {

// From the Authorization header, or, where a browser cannot set headers, from `access_token` in the query. Empty: none.
std::string bearer_token(const http::Request& request, bool also_from_query);

// 401. `fault` says what is wrong with the token; empty: there is none. The hub's clients expect an empty body.
http::Response unauthorized(std::string_view fault, const http::Exchange& exchange);

http::Response forbidden(std::string_view detail, const http::Exchange& exchange);

}  // namespace message_service::access
