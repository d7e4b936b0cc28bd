// Events that the server reports to the program, for the program's metrics. A program without metrics passes no
// observer.
//
// The program owns the observer. Destroy the observer after the router and the server. The shards' threads call it,
// many at once, between the parts of a request: an observer must be quick and must not throw.
#pragma once

#include <functional>
#include <string_view>

namespace http {

// Called for each answer of one route, with the seconds that its handler took; 0 when no handler ran.
using AnswerObserver = std::function<void(unsigned status, double seconds)>;

enum class RefusedFor { connection_limit, descriptor_limit };

class Observer {
 public:
  virtual ~Observer() = default;

  // Called once for each route, when the route is added. `pattern` is the route's, never a path that a client sent. May
  // return an empty function.
  virtual AnswerObserver route(std::string_view /*pattern*/) { return {}; }

  // The server has closed a connection because there was no room for it.
  virtual void refused_connection(RefusedFor /*reason*/) {}

  // A client has connected by https and has not agreed with the server on a TLS connection.
  virtual void failed_handshake() {}
};

}  // namespace http
