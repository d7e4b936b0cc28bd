#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "adapters/embedded/log_progress.h"
#include "adapters/kafka/operators/inspect.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/load_settings.h"
#include "model/record_version.h"
#include "runtime/interrupt.h"
#include "service/lag_meter.h"

namespace message_service::cli {

namespace {

struct LagOptions {
  SettingsOptions settings;
  bool watch = false;
  bool json = false;
  double interval = 1;
};

// Functions that look at the partitions, and at the header of a record.
struct Look {
  std::function<base::Result<std::vector<service::PartitionState>>()> partitions;
  std::function<base::Result<std::optional<LogRecord>>(Position)> record_at;
};

base::Result<Look> kafka_look(const config::Settings& settings) {
  auto opened = kafka::Inspector::open(settings.kafka);
  if (!opened) return opened.error();
  const std::shared_ptr<kafka::Inspector> inspector = std::move(*opened);
  const auto partitions = [inspector]() -> base::Result<std::vector<service::PartitionState>> {
    const auto lags = inspector->group_lag();
    if (!lags) return lags.error();
    std::vector<service::PartitionState> all;
    for (const kafka::GroupLag& lag : *lags) {
      all.push_back({.partition = lag.partition, .committed = lag.committed, .end = lag.end, .lag = lag.lag});
    }
    return all;
  };
  return Look{partitions, [inspector](Position position) { return inspector->record_at(position); }};
}

base::Result<Look> embedded_look(const config::Settings& settings) {
  auto opened = embedded::LogProgress::open(settings.embedded.data_directory);
  if (!opened) return opened.error();
  const std::shared_ptr<embedded::LogProgress> log = std::move(*opened);
  const auto partitions = [log]() -> base::Result<std::vector<service::PartitionState>> {
    const auto progress = log->read();
    if (!progress) return progress.error();
    return std::vector<service::PartitionState>{
        {.partition = 0,
         .committed = progress->committed,
         .end = progress->end,
         .lag = static_cast<std::uint64_t>(progress->end - progress->committed)}};
  };
  return Look{partitions, [log](Position position) { return log->record_at(position.offset); }};
}

// A partition in which nothing is stored may wait for a newer program.
void look_at_next_records(const Look& look, service::LagReport& report) {
  for (service::LagLine& line : report.partitions) {
    if (!service::stands(line) || !line.now.committed) continue;
    const auto record = look.record_at({.partition = line.now.partition, .offset = *line.now.committed});
    if (record && *record) line.requires_version = required_version(**record).value_or(1);
  }
}

int measure(const Look& look, const LagOptions& options) {
  auto before = look.partitions();
  if (!before) return failed(before.error());
  base::SteadyTime before_at = base::SteadyClock::now();
  while (runtime::wait_unless_interrupted(std::chrono::duration<double>(options.interval))) {
    auto now = look.partitions();
    if (!now) return failed(now.error());
    const base::SteadyTime now_at = base::SteadyClock::now();
    service::LagReport report = compare_lag(*before, *now, base::seconds_between(before_at, now_at));
    look_at_next_records(look, report);
    std::puts((options.json ? service::lag_json(report) : service::lag_table(report)).c_str());
    if (std::fflush(stdout) != 0 || !options.watch) return 0;
    before = std::move(now);
    before_at = now_at;
  }
  return 0;
}

int lag(const config::Settings& settings, const LagOptions& options) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const auto look = kafka ? kafka_look(settings) : embedded_look(settings);
  if (!look) return failed(look.error());
  const runtime::InterruptGuard guard;
  return measure(*look, options);
}

}  // namespace

void add_lag_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<LagOptions>();
  CLI::App* command =
      program.add_subcommand("lag", "What is accepted and not stored yet, by partition; also while the service runs");
  add_settings_options(*command, options->settings);
  command->add_flag("--watch", options->watch, "Go on until Ctrl-C");
  command->add_option("--interval", options->interval, "Rates are measured over so long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object a look");
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    outcome.exit_code = settings ? lag(*settings, *options) : 2;
  });
}

}  // namespace message_service::cli
