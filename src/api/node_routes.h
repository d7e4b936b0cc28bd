// GET /admin/nodes: the nodes that know of each other, with their last signs of life.
#pragma once

#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "ports/version_register.h"

namespace message_service::api {

// For whoever may see the figures of a node. The register outlives the router.
void add_node_routes(http::Router& router, VersionRegister& versions, base::BlockingExecutor blocking);

}  // namespace message_service::api
