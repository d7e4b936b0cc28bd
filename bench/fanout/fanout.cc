#include "bench/fanout/fanout.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <thread>

#include "bench/exit.h"
#include "bench/fanout/fanout_report.h"
#include "bench/mistakes.h"
#include "bench/process_usage.h"
#include "bench/report.h"
#include "model/limits.h"
#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

constexpr std::uint64_t both_sides_spare_files = 512;  // the server's own, too: it inherits the limit

HubLegPlan plan_of(const FanoutOptions& options, std::uint32_t round, const char* leg) {
  HubLegPlan plan{.load = options.load,
                  .url = options.url,
                  .owned_host = options.owned_host,
                  .server_program = options.server_program,
                  .temp_folder = options.temp_folder,
                  .label = {}};
  if (options.compare) {
    plan.label = "round " + std::to_string(round + 1) + "/" + std::to_string(options.rounds) + ", " + leg;
  }
  return plan;
}

// Runs with and without the stuck clients; every other round begins without them.
base::Result<void> run_beside_calm(const FanoutOptions& options, std::uint32_t round, FanoutRuns& runs) {
  FanoutOptions without = options;
  without.load.stuck = 0;
  for (const bool calm : {round % 2 == 0, round % 2 != 0}) {
    base::Result<HubLeg> leg =
        run_hub_leg(calm ? plan_of(without, round, "all read") : plan_of(options, round, "with stuck"));
    if (!leg) return leg.error();
    (calm ? runs.calm : runs.hub).push_back(std::move(leg->result));
  }
  return {};
}

base::Result<void> run_beside_bare(const FanoutOptions& options, std::uint32_t round, FanoutRuns& runs) {
  base::Result<HubLeg> hub = run_hub_leg(plan_of(options, round, "hub"));
  if (!hub) return hub.error();
  runs.hub.push_back(std::move(hub->result));
  base::Result<FanoutResult> bare = run_bare_leg(plan_of(options, round, "bare loop"), hub->frames);
  if (!bare) return bare.error();
  runs.bare.push_back(std::move(*bare));
  return {};
}

base::Result<FanoutRuns> run_rounds(const FanoutOptions& options) {
  FanoutRuns runs;
  if (!options.compare) {
    base::Result<HubLeg> hub = run_hub_leg(plan_of(options, 0, "hub"));
    if (!hub) return hub.error();
    runs.hub.push_back(std::move(hub->result));
    return runs;
  }
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    const auto ran =
        options.load.stuck == 0 ? run_beside_bare(options, round, runs) : run_beside_calm(options, round, runs);
    if (!ran) return ran.error();
  }
  return runs;
}

bool is_complete(const FanoutRuns& runs, std::uint32_t stuck) {
  return std::ranges::all_of(runs.hub, [&](const FanoutResult& run) { return run.is_complete(stuck); }) &&
         std::ranges::all_of(runs.calm, [](const FanoutResult& run) { return run.is_complete(0); });
}

}  // namespace

std::vector<std::string> mistakes_in(const FanoutOptions& options) {
  const FanoutLoad& load = options.load;
  std::vector<std::string> mistakes;
  require(mistakes, within(load.clients, 1, 100'000), "--clients: must be from 1 to 100000");
  require(mistakes, within(load.stuck, 0, 1000), "--stuck: must be from 0 to 1000");
  require(mistakes, within(load.rate, 0, 100'000), "--rate: must be from 0 (say nothing) to 100000 messages/s");
  require(mistakes, within(load.duration_s, 0.1, 3600), "--duration: must be from 0.1 to 3600 seconds");
  require(mistakes, within(load.conversations, 1, 10'000), "--conversations: must be from 1 to 10000");
  require(mistakes, load.conversations <= load.clients, "--conversations: must be at most --clients");
  require(mistakes, within(static_cast<double>(load.content_bytes), content_bytes_min, 1 << 20),
          "--content-bytes: must be from 20 to 1048576");
  require(mistakes, within(options.rounds, 1, 100), "--rounds: must be from 1 to 100");
  require(mistakes, !options.compare || options.url.empty(), "--compare: starts servers of its own, so without --url");
  require(mistakes, !options.compare || load.rate > 0, "--compare: needs a --rate above 0");
  require(mistakes, !options.url.starts_with("https"), "--url: the clients speak http, not https");
  require(mistakes, !load.signed_in || options.url.empty(),
          "--signed-in: starts a server of its own, so without --url");
  const std::uint32_t members = (load.clients + load.stuck) / std::max(load.conversations, 1u) + 2;
  require(mistakes, !load.signed_in || members <= Limits().participants_max,
          "--signed-in: a conversation has at most " + std::to_string(Limits().participants_max) +
              " participants: give more --conversations");
  return mistakes;
}

int run_fanout(const FanoutOptions& options) {
  const std::vector<std::string> mistakes = mistakes_in(options);
  for (const std::string& text : mistakes) say(exit_wrong_usage, text);
  if (!mistakes.empty()) return exit_wrong_usage;
  if (const auto allowed =
          allow_open_files(options.load.clients + options.load.stuck + both_sides_spare_files, "--clients");
      !allowed) {
    return say(exit_failed, allowed.error().text);
  }

  const runtime::InterruptGuard guard;
  const base::Result<FanoutRuns> runs = run_rounds(options);
  if (!runs) return say(exit_failed, runs.error().text);
  std::printf("%s", fanout_table(*runs).c_str());
  std::fflush(stdout);
  if (!options.json_file.empty()) {
    const boost::json::object content{{"command", "fanout"},
                                      {"cores", std::thread::hardware_concurrency()},
                                      {"result", fanout_json(*runs, options.load)}};
    if (const auto written = write_json_file(options.json_file, content); !written) {
      return say(exit_failed, written.error().text);
    }
  }
  return is_complete(*runs, options.load.stuck)
             ? exit_done
             : say(exit_failed, "not everything was delivered once, in order and to everyone");
}

}  // namespace message_service::bench
