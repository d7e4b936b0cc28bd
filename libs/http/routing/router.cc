#include "http/routing/router.h"

#include <algorithm>
#include <span>
#include <utility>

namespace http {

namespace {

constexpr std::string_view kWildcard = "{}";

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> segments;
  pattern.remove_prefix(1);
  if (pattern.empty()) return segments;
  while (true) {
    const std::size_t slash = pattern.find('/');
    segments.emplace_back(pattern.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    pattern.remove_prefix(slash + 1);
  }
}

// A slash at the end does not change the path, as in ASP.NET.
std::span<const std::string> without_last_slash(const std::vector<std::string>& segments) {
  const bool slash = !segments.empty() && segments.back().empty();
  return std::span(segments).first(segments.size() - (slash ? 1 : 0));
}

bool fits(const std::vector<std::string>& pattern, std::span<const std::string> path) {
  return std::ranges::equal(pattern, path, [](const std::string& fixed, const std::string& segment) {
    return fixed == kWildcard || base::equals_ignoring_case(fixed, segment);
  });
}

void add_method(std::vector<std::string>& methods, const std::string& method) {
  if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Handler handler) {
  add(std::move(method), pattern, RouteOptions(), std::move(handler));
}

void Router::add(std::string method, std::string_view pattern, RouteOptions options, Handler handler) {
  routes_.push_back({std::move(method), std::string(pattern), split(pattern), std::move(handler), observer_of(pattern),
                     std::move(options)});
}

AnswerObserver Router::observer_of(std::string_view pattern) const {
  return observer_ == nullptr ? AnswerObserver() : observer_->route(pattern);
}

Router::Match Router::match(std::string_view method, const Target& target) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  const std::span<const std::string> path = without_last_slash(target.segments);
  Match match;
  for (const Route& route : routes_) {
    if (!fits(route.segments, path)) continue;
    if (route.method == wanted) {
      match.route = &route;
      for (std::size_t i = 0; i < route.segments.size(); ++i) {
        if (route.segments[i] == kWildcard) match.parameters.push_back(path[i]);
      }
      return match;
    }
    add_method(match.methods, route.method);
    if (route.method == "GET") add_method(match.methods, "HEAD");
  }
  if (!match.methods.empty()) match.methods.push_back("OPTIONS");
  return match;
}

}  // namespace http
