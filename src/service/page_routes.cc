#include "service/page_routes.h"

#include <boost/json.hpp>
#include <utility>

#include "access/access.h"
#include "service/embedded_files.h"

namespace message_service::service {

namespace {

using http::Exchange;
using http::Response;

std::string_view content_type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  if (path.ends_with(".json")) return http::kJson;
  return "application/octet-stream";
}

bool is_asset(const EmbeddedFile& file) { return file.path.starts_with("/assets/"); }

Response file_response(const EmbeddedFile& file) {
  Response response{.content_type = content_type_of(file.path), .body = std::string(file.bytes)};
  const bool hashed = is_asset(file);  // another content would have another name
  response.headers.emplace_back("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self'; base-uri 'none'; "
                                "form-action 'self'; frame-ancestors 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

void add_file(http::Router& router, std::string_view path, const EmbeddedFile& file,
              std::string_view access = access::kOpen) {
  router.add("GET", path, {.access = access},
             [file](Exchange&) -> runtime::Awaitable<Response> { co_return file_response(file); });
}

}  // namespace

// The pages share the files in /assets.
void add_page_routes(http::Router& router, bool has_api) {
  for (const EmbeddedFile& file : web_files()) {
    if (is_asset(file)) {
      add_file(router, file.path, file, access::kOperatorsPage);
    } else if (file.path == "/dashboard.html") {
      add_file(router, "/dashboard", file, access::kOperatorsPage);
    } else if (has_api) {
      add_file(router, file.path == "/index.html" ? "/" : file.path, file);
    }
  }
  if (!has_api) return;
  for (const EmbeddedFile& file : openapi_files()) add_file(router, file.path, file);
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
             [&metrics, refresh = std::move(refresh)](Exchange&) -> runtime::Awaitable<Response> {
               refresh();
               co_return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.expose()};
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
