// GET /admin/views, for operators: how many of the clients' reports this node compared, and what differed.
#pragma once

#include "http/routing/router.h"
#include "pipeline/views/view_verifier.h"

namespace message_service::api {

// The verifier outlives the router.
void add_view_routes(http::Router& router, ViewVerifier& views);

}  // namespace message_service::api
