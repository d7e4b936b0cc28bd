// The third stage: reads the events, and passes those with a listener on this node to the hub.
//
// Owned by the service; runs on one thread of its own from start() to stop().
#pragma once

#include <atomic>
#include <thread>

#include "observe/metrics.h"
#include "ports/event_sink.h"
#include "ports/event_source.h"

namespace message_service {

class Fanout {
 public:
  Fanout(EventSource& source, EventSink& sink, Metrics& metrics);
  ~Fanout();

  void start();

  // Delivers the events that are there, then ends the thread. Idempotent.
  void stop();

 private:
  void run();
  void deliver(std::vector<Event> events);

  EventSource& source_;
  EventSink& sink_;
  Metrics& metrics_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service
