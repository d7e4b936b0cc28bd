// The span of a request that brings a message, with OpenTelemetry's attributes for HTTP.
#pragma once

#include <string_view>

#include "http/routing/router.h"
#include "observe/message_traces.h"
#include "pipeline/accept/ingress.h"

namespace message_service::api {

// The handler, within a span of that name: method and route, a literal. While traces are off, the handler alone. A
// request that is answered before its handler is called has no span.
http::Handler traced(const MessageTraces& traces, std::string_view name, http::Handler handler);

// What a handler passes on: of the request's span, or else of its caller; empty when there is neither.
std::string_view traceparent_of(const http::Exchange& exchange);

// The span of a call of the hub's SendMessage.
tracing::Tracer::Entry start_hub_send(const MessageTraces& traces);
void finish_hub_send(tracing::Span& span, const IngressOutcome& outcome);

}  // namespace message_service::api
