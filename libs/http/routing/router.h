// Maps requests to handlers. The program fills it at start; then every shard reads it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/codec/message.h"
#include "http/codec/problem.h"
#include "http/routing/observer.h"
#include "runtime/shard.h"

namespace http {

// The client that waits for the answer.
class Peer {
 public:
  virtual ~Peer() = default;
  // Calls `gone`, on the exchange's shard, when the client disconnects before its answer is ready. Once for each
  // request.
  virtual void watch(std::function<void()> gone) = 0;
};

// Who makes a request. The program's policy makes it; the library only passes it on to the handler.
class Principal {
 public:
  virtual ~Principal() = default;
};

// The request, and the objects that a handler may use beside it.
struct Exchange {
  const Request& request;
  runtime::Shard& shard;
  TraceId trace_id;
  Peer& peer;
  std::string_view access{};                     // what the route needs, see RouteOptions
  std::string_view limit{};                      // the same
  std::shared_ptr<const Principal> principal{};  // from the policy; null: nobody is known
  std::shared_ptr<void> pass{};                  // from the route's gate to its handler
  std::string traceparent{};  // to pass on, from the program's tracing; empty: the request's own, where it is valid
};

using Handler = std::function<runtime::Awaitable<Response>(Exchange&)>;

// Sees a request's head before any other work for the request, and must be quick. An answer ends the request there: an
// overloaded server refuses requests this way.
using Admission = std::function<std::optional<Response>(Exchange&)>;

// Sees a request's head before the session reads its body. An answer ends the request there.
using Gate = std::function<runtime::Awaitable<std::optional<Response>>(Exchange&)>;

struct RouteOptions {
  // What a caller of the route needs, in the words of the program's policy; a literal. A policy should refuse every
  // request of a route that declares nothing.
  std::string_view access{};
  std::string_view limit{};          // how often a caller may use it, in the policy's words; a literal
  std::uint64_t body_bytes_max = 0;  // for a route whose body may be longer than the server allows in general
  Admission admission{};             // may be empty
  Gate gate{};                       // may be empty
};

class Router {
 public:
  Router() = default;
  explicit Router(Observer& observer) : observer_(&observer) {}

  // Authorizes requests: the session asks the policy for every request that has a route, before the route's own gate. A
  // router without a policy lets everybody do everything. Call before the server listens.
  void set_policy(Gate policy) { policy_ = std::move(policy); }

  // `pattern`: segments separated by '/'; "{}" matches any one segment. Fixed segments match without regard to case, as
  // in ASP.NET, and a slash at the path's end does not count. A GET handler also answers HEAD. Earlier routes win.
  void add(std::string method, std::string_view pattern, Handler handler);
  void add(std::string method, std::string_view pattern, RouteOptions options, Handler handler);

  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
    AnswerObserver answered;
    RouteOptions options;
  };
  struct Match {
    const Route* route = nullptr;  // null: no such path (no methods), or no route with this method
    std::vector<std::string_view> parameters;
    std::vector<std::string> methods;  // the methods that the path allows
  };
  Match match(std::string_view method, const Target& target) const;
  const Gate& policy() const { return policy_; }
  const std::vector<Route>& routes() const { return routes_; }

  // The function to call for the answers of a route, or of requests that reach no route.
  AnswerObserver observer_of(std::string_view pattern) const;

  // For the server. Null when there is no observer.
  Observer* observer() const { return observer_; }

 private:
  Observer* observer_ = nullptr;
  Gate policy_;
  std::vector<Route> routes_;
};

}  // namespace http
