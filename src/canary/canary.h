// The node measures itself: every so often it posts a message in a conversation that all nodes share, receives it as a
// client of its own hub would, on every shard, reads it from the store, and times each step. What it measures goes into
// the metrics.
//
// It uses the ingress that requests use, after the checks and limits of callers. Few of its messages are ever under
// way, also in a long outage (canary/probes.h), and it keeps its conversation short.
//
// The service makes it before the shards run, stops it before it drains the log, and destroys it when the shards have
// stopped. It has a thread of its own, which waits for no disk and no network.
#pragma once

#include <chrono>
#include <memory>
#include <thread>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "observe/metrics.h"
#include "pipeline/accept/ingress.h"
#include "pipeline/deliver/delivery.h"
#include "ports/store.h"
#include "ports/store_reader.h"
#include "runtime/shard.h"

namespace message_service {

class Canary {
 public:
  struct Options {
    std::chrono::milliseconds interval{0};  // 0: none
    static constexpr base::Bounds<std::chrono::milliseconds> interval_bounds{std::chrono::milliseconds(0),
                                                                             std::chrono::minutes(10)};
  };
  // All outlive it. Announcements are those of the hub (api/hub_announcement.h).
  struct Parts {
    Ingress& ingress;
    Delivery& delivery;
    const runtime::Shards& shards;
    Store& store;
    StoreReader& reader;
    base::BlockingExecutor blocking;
    const Metrics& metrics;
    const Limits& limits;
  };

  // Runs from now on.
  Canary(const Parts& parts, const Options& options);
  ~Canary();

  // It posts nothing more when this returns. What it has posted arrives like any other message.
  void stop();

  // Sets the gauge of how long its messages wait. For each scrape; any thread.
  void show() const;

 private:
  class State;
  const std::shared_ptr<State> state_;  // shared with calls that are under way
  std::thread thread_;
};

}  // namespace message_service
