// What the server tells the program around it, for its metrics. A program that needs none passes nothing.
//
// The program owns the observer, which outlives the router and the server. Calls come on the shards' threads, many at
// once, between the parts of a request: an observer must be quick and must not throw.
#pragma once

#include <functional>
#include <string_view>

namespace http {

// Called for each answer of one route, with the seconds that its handler took; 0 where no handler ran.
using AnswerObserver = std::function<void(unsigned status, double seconds)>;

enum class RefusedFor { connection_limit, descriptor_limit };

class Observer {
 public:
  virtual ~Observer() = default;

  // Called once a route, when it is added. `pattern` is the route's, never a path that a client sent. May return an
  // empty function.
  virtual AnswerObserver route(std::string_view /*pattern*/) { return {}; }

  // A connection was closed because there was no room for it.
  virtual void refused_connection(RefusedFor /*reason*/) {}
};

}  // namespace http
