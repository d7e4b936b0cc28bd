#include "app/bench_command.h"

#include <functional>
#include <memory>
#include <vector>

#include "app/drain_bench.h"
#include "app/load_settings.h"
#include "bench/compare.h"
#include "bench/exit.h"
#include "bench/http_bench.h"

namespace message_service::app {
namespace {

void leave_with(int code) {
  if (code != 0) throw CLI::RuntimeError(code);
}

void add_load_options(CLI::App& command, bench::LoadOptions& load, std::string& json_file) {
  command
      .add_option("--rate", load.rate,
                  "Requests a second, at fixed times whatever the server does (open loop); latency counts from the "
                  "time a request was meant to be sent. Without it each connection sends as soon as it has its answer")
      ->type_name("PER_SECOND");
  command.add_option("--duration", load.duration_s, "How long to measure")->type_name("SECONDS")->capture_default_str();
  command.add_option("--warmup", load.warmup_s, "How long to send before measuring")
      ->type_name("SECONDS")
      ->capture_default_str();
  command.add_option("--conversations", load.conversations, "Spread over so many conversations, bench-0 and on")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--content-bytes", load.content_bytes, "Length of each message's content")
      ->type_name("BYTES")
      ->capture_default_str();
  command.add_flag("--keys", load.keys, "Send an Idempotency-Key with every message");
  command.add_option("--threads", load.threads, "Threads of the generator")->type_name("N")->capture_default_str();
  command.add_option("--timeout", load.timeout_s, "After which a request counts as failed")
      ->type_name("SECONDS")
      ->capture_default_str();
  command.add_option("--max-requests", load.max_requests, "Stop after so many requests")
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--quiet", load.quiet, "No progress lines");
  command.add_option("--json", json_file, "Also write the result to this file")->type_name("FILE");
}

struct HttpArguments {
  bench::HttpOptions http;
  std::vector<std::uint32_t> connections{64};
  bool compare = false;
  std::uint32_t rounds = bench::CompareOptions().rounds;
};

int run_http_or_compare(HttpArguments& arguments) {
  if (arguments.compare) {
    bench::CompareOptions options;
    options.load = arguments.http.load;
    options.json_file = arguments.http.json_file;
    options.connections = arguments.connections;
    options.rounds = arguments.rounds;
    return bench::run_compare(options);
  }
  if (arguments.connections.size() != 1)
    throw CLI::ValidationError("--connections", "takes a list with --compare only");
  arguments.http.connections = arguments.connections.front();
  return bench::run_http(arguments.http);
}

void add_http(CLI::App& parent) {
  const auto arguments = std::make_shared<HttpArguments>();
  bench::HttpOptions& options = arguments->http;
  CLI::App* command = parent.add_subcommand("http", "Send messages to a running server and measure");
  command->add_option("--url", options.url, "The server")->capture_default_str();
  command->add_option("--connections", arguments->connections, "Connections, each with one request at a time")
      ->type_name("N")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--path", options.path, "Post to this route instead of the messages', e.g. /bench/noop")
      ->type_name("PATH");
  command
      ->add_option("--i-own-this-host", options.owned_host,
                   "Allow a load on this host although it is not this machine; the same name as in --url")
      ->type_name("HOST");
  command->add_flag("--compare", arguments->compare,
                    "Start servers of its own instead and compare WriteBehind, Synchronous and a route that does "
                    "nothing, for each of a list of --connections; `bench compare --help` has more");
  command->add_option("--rounds", arguments->rounds, "With --compare: rounds of the three, in turn")
      ->type_name("N")
      ->capture_default_str();
  add_load_options(*command, options.load, options.json_file);
  command->callback([arguments] { leave_with(run_http_or_compare(*arguments)); });
}

void add_compare(CLI::App& parent) {
  const auto options = std::make_shared<bench::CompareOptions>();
  CLI::App* command = parent.add_subcommand(
      "compare",
      "Measure WriteBehind against Synchronous and against a route that does nothing, each on a server of "
      "its own that is started and stopped here");
  command->add_option("--connections", options->connections, "One or more counts, each compared by itself")
      ->type_name("N,N,…")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--rounds", options->rounds, "Rounds of the three, in turn; medians are reported")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--server-program", options->server_program, "Another build of this program to start as the server")
      ->type_name("FILE")
      ->capture_default_str();
  command
      ->add_option("--temp-folder", options->temp_folder,
                   "Where the servers' data folders are made, and removed; choose a disk like the real one's")
      ->type_name("FOLDER");
  add_load_options(*command, options->load, options->json_file);
  command->callback([options] { leave_with(bench::run_compare(*options)); });
}

struct DrainArguments {
  DrainBench bench;
  SettingsOptions settings;
};

void add_drain(CLI::App& parent) {
  const auto arguments = std::make_shared<DrainArguments>();
  DrainBench& bench = arguments->bench;
  CLI::App* command = parent.add_subcommand(
      "drain", "How fast what waits in Kafka is stored in MongoDB; on topics and a database of its own");
  add_settings_options(*command, arguments->settings);
  command->add_option("--records", bench.records, "Records that wait")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--conversations", bench.conversations, "Spread over so many conversations")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--content-bytes", bench.content_bytes, "Length of each message's content")
      ->check(CLI::Range(1, 16'384))
      ->capture_default_str();
  command->add_flag("--compare", bench.compare, "Measure a bare loop of inserts before and after it");
  command->add_flag("--quiet", bench.quiet, "No progress lines");
  command->add_option("--json", bench.json_file, "Also write the result to this file")->type_name("FILE");
  command->callback([command, arguments] {
    const auto settings = checked_settings(*command, arguments->settings);
    leave_with(settings ? run_drain_bench(arguments->bench, *settings) : bench::exit_wrong_usage);
  });
}

}  // namespace

CLI::App* add_bench_command(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Load with a progress line and a result table");
  bench->require_subcommand(1);
  add_http(*bench);
  add_compare(*bench);
  add_drain(*bench);
  return bench;
}

}  // namespace message_service::app
