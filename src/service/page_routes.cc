#include "service/page_routes.h"

#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "access/access.h"
#include "http/codec/gzip.h"
#include "http/routing/accept_encoding.h"
#include "service/embedded_files.h"
#include "service/static_files.h"

namespace message_service::service {

namespace {

using http::Exchange;
using http::Response;

// Where a page lies that has no name of a file.
std::string_view route_of(std::string_view path) {
  if (path == "/index.html") return "/";
  if (path == "/dashboard.html") return "/dashboard";
  return path == "/docs.html" ? "/docs" : path;
}

// The pages share the files in /assets.
bool is_for_operators(const EmbeddedFile& file) {
  return file.path.starts_with("/assets/") || file.path == "/dashboard.html";
}

}  // namespace

void add_page_routes(http::Router& router, bool has_api) {
  for (const EmbeddedFile& file : web_files()) {
    if (is_for_operators(file)) {
      add_file_route(router, route_of(file.path), file, access::kOperatorsPage);
    } else if (has_api) {
      add_file_route(router, route_of(file.path), file, access::kOpen);
    }
  }
  if (!has_api) return;
  for (const EmbeddedFile& file : description_files()) add_file_route(router, file.path, file, access::kOpen);
}

void add_health_routes(http::Router& router, std::vector<Dependency> dependencies) {
  router.add("GET", "/health/live", {.access = access::kHealth}, [](Exchange&) -> runtime::Awaitable<Response> {
    co_return Response{.content_type = http::kText, .body = "live\n"};
  });
  router.add("GET", "/health/ready", {.access = access::kHealth},
             [dependencies = std::move(dependencies)](Exchange&) -> runtime::Awaitable<Response> {
               Response response{.content_type = http::kText};
               for (const auto& [name, problem_of, is_vital] : dependencies) {
                 const std::string problem = problem_of();
                 if (!problem.empty() && is_vital) response.status = 503;
                 response.body.append(name).append(": ").append(problem.empty() ? "ok" : problem).append("\n");
               }
               co_return response;
             });
}

void add_metrics_route(http::Router& router, Metrics& metrics, std::function<void()> refresh) {
  router.add("GET", "/metrics", {.access = access::kFigures},
             [&metrics, refresh = std::move(refresh)](Exchange& exchange) -> runtime::Awaitable<Response> {
               static constexpr std::array<std::string_view, 1> kCodings{"gzip"};
               refresh();
               Response response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.expose()};
               response.headers.emplace_back("Vary", "Accept-Encoding");
               // A tenth of the bytes, each second, for the dashboard.
               if (http::choose_coding(exchange.request.headers->values("Accept-Encoding"), kCodings) == "gzip") {
                 response.body = http::gzip(response.body);
                 response.headers.emplace_back("Content-Encoding", "gzip");
               }
               co_return response;
             });
}

void add_access_route(http::Router& router, const signalr::Hub& hub) {
  router.add("GET", "/admin/routes", {.access = access::kOperator},
             [&router, &hub](Exchange&) -> runtime::Awaitable<Response> {
               boost::json::array routes;
               for (const http::Router::Route& route : router.routes()) {
                 const std::string_view needs = route.options.access;
                 routes.push_back({{"method", route.method}, {"pattern", route.pattern}, {"needs", needs}});
               }
               boost::json::array methods;
               for (const std::string& name : hub.method_names()) methods.push_back(boost::json::string(name));
               const boost::json::object all{{"routes", std::move(routes)}, {"hubMethods", std::move(methods)}};
               co_return Response{.content_type = http::kJson, .body = boost::json::serialize(all)};
             });
}

void add_noop_route(http::Router& router) {
  router.add("POST", "/bench/noop", {.access = access::kHealth}, [](Exchange&) -> runtime::Awaitable<Response> {
    co_return Response{.status = 202, .content_type = http::kJson, .body = R"({"status":"Sent"})"};
  });
}

}  // namespace message_service::service
