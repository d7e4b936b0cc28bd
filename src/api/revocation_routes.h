// POST /admin/revocations, for operators: a person's older tokens count no more, on every node.
#pragma once

#include "access/revocations.h"
#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "model/limits.h"

namespace message_service::api {

// All but the limits outlive the router.
void add_revocation_routes(http::Router& router, access::Revocations& revocations, base::BlockingExecutor blocking,
                           const Limits& limits);

}  // namespace message_service::api
