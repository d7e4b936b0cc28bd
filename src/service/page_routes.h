// The routes that are neither messages nor hub: pages, health, metrics, the descriptions of the API.
#pragma once

#include <functional>
#include <vector>

#include "http/routing/router.h"
#include "observe/metrics.h"
#include "service/dependency.h"
#include "signalr/hub/hub.h"

namespace message_service::service {

// The dashboard; the other pages and the API's description only on a node with an API.
void add_page_routes(http::Router& router, bool has_api);

void add_health_routes(http::Router& router, std::vector<Dependency> dependencies);

// `refresh` is called before each scrape, for figures that are read and not counted.
void add_metrics_route(http::Router& router, Metrics& metrics, std::function<void()> refresh);

// GET /admin/routes: every route and hub method, and what it needs of its caller. Call when all routes are there.
void add_access_route(http::Router& router, const signalr::Hub& hub);

// POST /bench/noop: reads a body and answers 202. The baseline for the accept rate.
void add_noop_route(http::Router& router);

}  // namespace message_service::service
