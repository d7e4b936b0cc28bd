#include "api/request_span.h"

#include <charconv>
#include <string>
#include <utility>

#include "http/codec/target.h"

namespace message_service::api {

namespace {

using tracing::Span;
using tracing::SpanKind;

std::string path_of(const http::Target& target) {
  std::string path;
  for (const std::string& segment : target.segments) path.append("/").append(http::encode_segment(segment));
  return path;
}

// "host:port", or without the port.
void set_server(Span& span, std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  span.set("server.address", host.substr(0, has_port ? colon : host.size()));
  int port = 0;
  if (!has_port) return;
  const std::string_view digits = host.substr(colon + 1);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec == std::errc()) {
    span.set("server.port", std::int64_t{port});
  }
}

runtime::Awaitable<http::Response> answer_within(Span span, http::Exchange& exchange, const http::Handler& handler) {
  try {
    http::Response response = co_await handler(exchange);
    span.set("http.response.status_code", static_cast<std::int64_t>(response.status));
    if (response.status >= 500) span.fail(std::to_string(response.status));
    co_return response;
  } catch (...) {
    span.fail("500");
    throw;
  }
}

}  // namespace

http::Handler traced(const MessageTraces& traces, std::string_view name, http::Handler handler) {
  if (!traces.are_on()) return handler;
  return [&tracer = traces.tracer(), name, handler = std::move(handler)](http::Exchange& exchange) {
    const http::Request& request = exchange.request;
    auto [span, traceparent] = tracer.enter(request.header("traceparent"), name, SpanKind::server);
    if (!traceparent.empty()) {
      exchange.traceparent = std::move(traceparent);
      exchange.trace_id = http::TraceId(exchange.traceparent);
    }
    if (!span) return handler(exchange);
    span.set("http.request.method", request.method)
        .set("http.route", name.substr(name.find(' ') + 1))
        .set("url.path", path_of(request.target))
        .set("url.scheme", request.scheme.empty() ? "http" : request.scheme);
    set_server(span, request.host);
    return answer_within(std::move(span), exchange, handler);
  };
}

std::string_view traceparent_of(const http::Exchange& exchange) {
  if (!exchange.traceparent.empty()) return exchange.traceparent;
  return tracing::valid_traceparent(exchange.request.header("traceparent"));
}

tracing::Tracer::Entry start_hub_send(const MessageTraces& traces) {
  auto entry = traces.tracer().enter({}, "SendMessage", SpanKind::server);
  entry.span.set("rpc.system", "signalr").set("rpc.method", "SendMessage");
  return entry;
}

void finish_hub_send(Span& span, const IngressOutcome& outcome) {
  if (const auto* error = std::get_if<base::Error>(&outcome)) span.fail(error_type(*error));
}

}  // namespace message_service::api
