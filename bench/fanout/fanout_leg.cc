#include "bench/fanout/fanout_leg.h"

#include <unistd.h>

#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "bench/child_server.h"
#include "bench/fanout/people.h"
#include "bench/load.h"
#include "bench/process_usage.h"
#include "bench/programs.h"
#include "bench/server_metrics.h"
#include "bench/target.h"
#include "http/client/client.h"

namespace message_service::bench {
namespace {

constexpr std::chrono::milliseconds settle_time{500};  // between two phases, so that the first is not counted in both

struct Usage {
  std::optional<double> cpu_s, rss_bytes;
};
using AskUsage = std::function<Usage()>;

Usage usage_of(pid_t process) { return {cpu_seconds_of(process), resident_bytes_of(process)}; }

Usage usage_told_by(http::Client& client) {
  const base::Result<ServerMetrics> metrics = read_server_metrics(client);
  return metrics ? Usage{metrics->cpu_s, metrics->rss_bytes} : Usage{};
}

std::optional<double> slow_clients_closed(http::Client& client) {
  const base::Result<ServerMetrics> metrics = read_server_metrics(client);
  return metrics ? metrics->slow_clients_closed : std::nullopt;
}

SwarmPlan swarm_plan(const HubLegPlan& plan, const http::ServerAddress& target,
                     const boost::asio::ip::tcp::endpoint& endpoint, const People& people) {
  const FanoutLoad& load = plan.load;
  return {.endpoint = endpoint,
          .authority = target.authority,
          .clients = load.clients,
          .stuck = load.stuck,
          .conversations = load.conversations,
          .protocol = load.protocol,
          .content_bytes = load.content_bytes,
          .rate = load.rate,
          .duration_s = load.duration_s,
          .compress = load.compress,
          .people = people,
          .bare = false,
          .label = plan.label,
          .quiet = load.quiet};
}

base::Result<FanoutResult> measure(Swarm& swarm, const AskUsage& usage) {
  FanoutResult result;
  result.rss_before_bytes = usage().rss_bytes;
  if (const auto connected = swarm.connect(); !connected) return connected.error();
  std::this_thread::sleep_for(settle_time);
  const Usage before = usage();
  const double own_before_s = *cpu_seconds_of(getpid());
  if (const auto ran = swarm.run(); !ran) return ran.error();
  const Usage after = usage();
  result.generator_cpu_s = *cpu_seconds_of(getpid()) - own_before_s;
  result.rss_joined_bytes = before.rss_bytes;
  result.rss_after_bytes = after.rss_bytes;
  if (before.cpu_s && after.cpu_s) result.server_cpu_s = *after.cpu_s - *before.cpu_s;
  swarm.read_stuck();
  result.counts = swarm.counts();
  return result;
}

// The clients of each conversation are in it.
Others members_of(const FanoutLoad& load) {
  return [&load](std::uint32_t conversation) {
    std::vector<std::string> ids;
    for (std::uint32_t i = conversation; i < load.clients + load.stuck; i += load.conversations) {
      ids.push_back(client_id(i));
    }
    return ids;
  };
}

base::Result<HubLeg> run_on(const HubLegPlan& plan, const http::ServerAddress& target, std::optional<pid_t> process,
                            const People& people) {
  http::Client control(target, control_timeout);
  if (!people.back_end.empty()) control.authorize(people.back_end);
  const auto endpoint = control.reach();
  if (!endpoint) return endpoint.error();
  const Others others = plan.load.signed_in ? members_of(plan.load) : Others();
  if (const auto made = create_conversations(control, plan.load.conversations, others); !made) return made.error();
  const auto swarm = std::make_unique<Swarm>(swarm_plan(plan, target, *endpoint, people));
  const auto usage = [&] { return process ? usage_of(*process) : usage_told_by(control); };
  const auto slow_before = slow_clients_closed(control);
  auto result = measure(*swarm, usage);
  if (!result) return result.error();
  const auto slow_after = slow_clients_closed(control);
  if (slow_before && slow_after) result->slow_clients_closed = *slow_after - *slow_before;
  return HubLeg{std::move(*result), swarm->frames()};
}

}  // namespace

std::optional<double> FanoutResult::cpu_us_per_delivery() const {
  if (!server_cpu_s || counts.deliveries == 0) return std::nullopt;
  return *server_cpu_s * 1e6 / static_cast<double>(counts.deliveries);
}

std::optional<double> FanoutResult::bytes_per_connection() const {
  if (!rss_before_bytes || !rss_joined_bytes || counts.joined == 0) return std::nullopt;
  return (*rss_joined_bytes - *rss_before_bytes) / counts.joined;
}

double FanoutResult::deliveries_per_s() const {
  return counts.seconds > 0 ? static_cast<double>(counts.deliveries) / counts.seconds : 0;
}

bool FanoutResult::is_complete(std::uint32_t stuck) const {
  return counts.missing() == 0 && counts.doubled == 0 && counts.gaps == 0 && counts.closed == 0 &&
         counts.failed_posts == 0 && counts.stuck_closed == stuck;
}

base::Result<HubLeg> run_hub_leg(const HubLegPlan& plan) {
  if (!plan.url.empty()) {
    const base::Result<http::ServerAddress> target = resolve_target(plan.url, plan.owned_host);
    return target ? run_on(plan, *target, std::nullopt, {}) : base::Result<HubLeg>(target.error());
  }
  const auto folder = TempFolder::make(plan.temp_folder);
  if (!folder) return folder.error();
  std::vector<std::string> arguments{"serve", "--Urls=http://127.0.0.1:0",
                                     "--Providers:DataDirectory=" + ((*folder)->path() / "data").string(),
                                     "--Logging:Level=Warning"};
  People people;
  if (plan.load.signed_in) {
    const auto key_file = (*folder)->path() / "key.json";
    auto issued = issue_tokens(key_file, plan.load.clients + plan.load.stuck);
    if (!issued) return issued.error();
    people = std::move(*issued);
    arguments.insert(arguments.end(), {"--Auth:Mode=Jwt", "--Auth:DevelopmentKeyFile=" + key_file.string()});
  }
  if (plan.load.compress) {
    arguments.insert(arguments.end(), {"--Hub:Compression=true", "--Hub:CompressFromBytes=128"});
  }
  const auto server = ChildServer::start(plan.server_program, arguments, start_timeout);
  if (!server) return server.error();
  const base::Result<http::ServerAddress> target = resolve_target((*server)->url(), {});
  if (!target) return target.error();
  return run_on(plan, *target, (*server)->process(), people);
}

base::Result<FanoutResult> run_bare_leg(const HubLegPlan& plan, const std::vector<std::string>& frames) {
  const auto folder = TempFolder::make(plan.temp_folder);
  if (!folder) return folder.error();
  const auto file = (*folder)->path() / "frames";
  std::ofstream out(file, std::ios::binary);
  for (const std::string& frame : frames) out << frame;
  out.close();
  const auto server = ChildServer::start(kThisProgram, {"bare-server", "--frames", file.string()}, start_timeout);
  if (!server) return server.error();
  const base::Result<http::ServerAddress> target = resolve_target((*server)->url(), {});
  if (!target) return target.error();
  SwarmPlan clients = swarm_plan(plan, *target, target->endpoints.front(), {});
  clients.bare = true;
  clients.stuck = 0;
  const auto swarm = std::make_unique<Swarm>(std::move(clients));
  return measure(*swarm, [&] { return usage_of((*server)->process()); });
}

}  // namespace message_service::bench
