// Every live connection of one shard that the HTTP server knows. The sweep for deadlines and the shutdown walk this
// list. On the shard's thread only.
#pragma once

#include <cstddef>
#include <list>

#include "base/clock.h"

namespace http {

class Session;

class SessionList {
 public:
  using Place = std::list<Session*>::iterator;

  Place add(Session* session) { return sessions_.insert(sessions_.end(), session); }
  void remove(Place place) { sessions_.erase(place); }
  std::size_t size() const { return sessions_.size(); }

  // Ends the sessions whose deadline has passed.
  void sweep(base::SteadyTime now);

  // Ends the idle sessions; returns how many it ended.
  std::size_t end_idle();

  // Ends the idle sessions but those that have just come, whose clients are about to send a request. Call it at each
  // tick while the server drains.
  void drain(base::SteadyTime now);

  // Ends the newest idle session. Returns false when none of the newest sessions is idle.
  bool end_newest_idle();

 private:
  std::list<Session*> sessions_;
};

}  // namespace http
