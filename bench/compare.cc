#include "bench/compare.h"

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <thread>

#include "bench/comparison.h"
#include "bench/exit.h"
#include "bench/http_bench.h"
#include "bench/report.h"
#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

constexpr std::size_t connection_counts_max = 16;
constexpr std::uint32_t rounds_max = 100;

LegPlan plan_of(const CompareOptions& options, std::uint32_t connections, std::uint32_t round, LegKind kind) {
  return {.kind = kind,
          .load = options.load,
          .connections = connections,
          .server_program = options.server_program,
          .temp_folder = options.temp_folder,
          .label = std::to_string(connections) + " connections, round " + std::to_string(round + 1) + "/" +
                   std::to_string(options.rounds) + ", " + leg_names[static_cast<std::size_t>(kind)]};
}

base::Result<Comparison> compare_at(const CompareOptions& options, std::uint32_t connections) {
  Comparison comparison;
  comparison.connections = connections;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    for (const LegKind kind : all_legs) {
      const LegPlan plan = plan_of(options, connections, round, kind);
      base::Result<LegResult> leg = run_leg(plan);
      if (!leg) return base::Error{leg.error().code, plan.label + ": " + leg.error().text};
      if (leg->load.interrupted || runtime::interrupted())
        return base::Error{base::ErrorCode::unavailable, "interrupted"};
      if (leg->load.answered() == 0) {
        return base::Error{base::ErrorCode::unavailable, plan.label + ": no request was answered as expected"};
      }
      comparison.runs[static_cast<std::size_t>(kind)].push_back(std::move(*leg));
    }
  }
  return comparison;
}

bool all_stored(const Comparison& comparison) {
  const auto& runs = comparison.of(LegKind::write_behind);
  return std::all_of(runs.begin(), runs.end(), [](const LegResult& run) { return run.drain && run.drain->complete; });
}

void announce(const CompareOptions& options) {
  const auto runs = options.connections.size() * options.rounds * all_legs.size();
  const double least_s = static_cast<double>(runs) * (options.load.warmup_s + options.load.duration_s);
  if (!options.load.quiet) std::fprintf(stderr, "%zu runs, at least %.0f s\n", runs, std::ceil(least_s));
}

}  // namespace

std::vector<std::string> mistakes_in(const CompareOptions& options) {
  std::vector<std::string> mistakes = mistakes_in(options.load);
  if (options.connections.empty() || options.connections.size() > connection_counts_max) {
    mistakes.emplace_back("--connections: name from 1 to 16 counts, e.g. --connections 64,1000");
  }
  for (const std::uint32_t count : options.connections) {
    for (auto& text : mistakes_in_connections(count, options.load)) mistakes.push_back(std::move(text));
  }
  if (options.rounds < 1 || options.rounds > rounds_max) mistakes.emplace_back("--rounds: must be from 1 to 100");
  return mistakes;
}

int run_compare(const CompareOptions& options) {
  const std::vector<std::string> mistakes = mistakes_in(options);
  for (const std::string& text : mistakes) say(exit_wrong_usage, text);
  if (!mistakes.empty()) return exit_wrong_usage;

  const runtime::InterruptGuard guard;
  announce(options);
  boost::json::array found;
  bool complete = true;
  for (const std::uint32_t connections : options.connections) {
    const base::Result<Comparison> comparison = compare_at(options, connections);
    if (!comparison) return say(exit_failed, comparison.error().text);
    std::printf("%s%s", found.empty() ? "" : "\n", comparison_table(*comparison).c_str());
    std::fflush(stdout);
    complete = complete && all_stored(*comparison);
    found.push_back(comparison_json(*comparison));
  }
  if (!options.json_file.empty()) {
    const boost::json::object content{{"command", "compare"},
                                      {"cores", std::thread::hardware_concurrency()},
                                      {"rounds", options.rounds},
                                      {"options", options_json(options.load)},
                                      {"comparisons", std::move(found)}};
    if (const auto written = write_json_file(options.json_file, content); !written) {
      return say(exit_failed, written.error().text);
    }
  }
  return complete ? exit_done
                  : say(exit_failed, "the write-behind pipeline did not store every accepted message in time");
}

}  // namespace message_service::bench
