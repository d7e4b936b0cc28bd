#include "bench/leg.h"

#include <thread>
#include <vector>

#include "base/clock.h"
#include "bench/child_server.h"
#include "bench/server_metrics.h"
#include "bench/target.h"
#include "http/client/client.h"
#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

constexpr std::chrono::seconds drain_timeout{120};
constexpr std::chrono::milliseconds drain_poll{20};
constexpr const char* noop_path = "/bench/noop";

std::vector<std::string> server_arguments(LegKind kind, const std::string& data_folder) {
  std::vector<std::string> arguments{"serve", "--Urls=http://127.0.0.1:0", "--Providers:DataDirectory=" + data_folder,
                                     "--Bench:NoopRoute=true", "--Logging:Level=Warning"};
  if (kind == LegKind::synchronous) arguments.emplace_back("--MessagePersistence:Mode=Synchronous");
  return arguments;
}

// The store may hold a few messages whose answers have not arrived: more than `accepted` is complete, too.
base::Result<Drain> wait_until_stored(const http::ServerAddress& target, const LoadResult& load) {
  http::Client client(target, control_timeout);
  const base::SteadyTime began = base::SteadyClock::now();
  Drain drain;
  drain.accepted = load.accepted;
  for (bool first = true;; first = false) {
    const base::Result<ServerMetrics> metrics = read_server_metrics(client);
    if (!metrics) return metrics.error();
    if (!metrics->stored_messages) {
      return base::Error{base::ErrorCode::unavailable,
                         "/metrics has no message_service_store_writes_total to see the store by"};
    }
    drain.stored = *metrics->stored_messages;
    drain.seconds = base::seconds_between(began, base::SteadyClock::now());
    if (first) {
      drain.lag_records = metrics->lag_records;
      drain.stored_at_end = drain.stored;
    }
    drain.complete = drain.stored >= static_cast<double>(load.accepted);
    if (drain.complete && metrics->cpu_s && load.before.server_cpu_s &&
        load.accepted > load.before.answered_at_server) {
      drain.server_cpu_us_per_message = (*metrics->cpu_s - *load.before.server_cpu_s) * 1e6 /
                                        static_cast<double>(load.accepted - load.before.answered_at_server);
    }
    if (drain.complete || runtime::interrupted() ||
        drain.seconds > std::chrono::duration<double>(drain_timeout).count()) {
      return drain;
    }
    std::this_thread::sleep_for(drain_poll);
  }
}

}  // namespace

base::Result<LegResult> run_leg(const LegPlan& plan) {
  const auto folder = TempFolder::make(plan.temp_folder);
  if (!folder) return folder.error();
  const auto server =
      ChildServer::start(plan.server_program, server_arguments(plan.kind, (*folder)->path().string()), start_timeout);
  if (!server) return server.error();
  const base::Result<http::ServerAddress> target = resolve_target((*server)->url(), {});
  if (!target) return target.error();
  if (plan.kind != LegKind::noop) {
    http::Client client(*target, control_timeout);
    if (const auto created = create_conversations(client, plan.load.conversations); !created) return created.error();
  }
  base::Result<LoadResult> load = run_load({.options = plan.load,
                                            .target = *target,
                                            .connections = plan.connections,
                                            .path = plan.kind == LegKind::noop ? noop_path : "",
                                            .label = plan.label});
  if (!load) return load.error();
  LegResult result{std::move(*load), std::nullopt};
  if (plan.kind == LegKind::write_behind) {
    const base::Result<Drain> drain = wait_until_stored(*target, result.load);
    if (!drain) return drain.error();
    result.drain = *drain;
  }
  return result;
}

}  // namespace message_service::bench
