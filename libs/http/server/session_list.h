// Every live connection of one shard that the HTTP server knows: what the sweep for deadlines and the shutdown go over.
// On the shard's thread only.
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

  // Ends the idle ones; how many those were.
  std::size_t end_idle();

  // Ends the idle one that came last. False: none of the newest is idle.
  bool end_newest_idle();

 private:
  std::list<Session*> sessions_;
};

}  // namespace http
