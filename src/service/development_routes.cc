#include "service/development_routes.h"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "access/access.h"
#include "base/clock.h"
#include "http/codec/problem.h"
#include "http/routing/allowed_hosts.h"

namespace message_service::service {

namespace {

using http::Exchange;
using http::Response;

std::string text_in(const boost::json::value& body, const char* name) {
  const auto* object = body.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

void add_development_routes(http::Router& router, access::DevelopmentKey key, const access::Options& options) {
  const auto answer = [key = std::move(key), options](Exchange& exchange) -> runtime::Awaitable<Response> {
    if (!http::names_own_machine(exchange.request.host)) {
      co_return http::problem_response({.status = 403, .detail = "this is for 127.0.0.1 alone"}, exchange.trace_id);
    }
    boost::system::error_code failure;
    const boost::json::value body = boost::json::parse(exchange.request.body, failure);
    access::TokenRequest wanted{.subject = text_in(body, "sub"),
                                .sender_type = text_in(body, "senderType"),
                                .issuer = options.bearer.valid_issuer,
                                .audience = options.bearer.valid_audience};
    if (failure || wanted.subject.empty()) {
      co_return http::problem_response({.status = 400, .detail = R"(the body must be {"sub","senderType"})"},
                                       exchange.trace_id);
    }
    const auto token = key.issue(wanted, options.sender_type_claim, base::wall_now());
    if (!token) co_return http::problem_response({.status = 500, .detail = token.error().text}, exchange.trace_id);
    const boost::json::object json{{"token", *token}, {"expiresIn", wanted.lifetime.count()}};
    co_return Response{.content_type = http::kJson, .body = boost::json::serialize(json)};
  };
  router.add("POST", "/development/tokens", {.access = access::kOpen}, answer);
}

}  // namespace message_service::service
