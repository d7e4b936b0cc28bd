// The load generator: load with a progress line and a result table.
#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "bench/compare.h"
#include "bench/drain/drain.h"
#include "bench/exit.h"
#include "bench/fanout/bare_server.h"
#include "bench/fanout/fanout.h"
#include "bench/http_bench.h"
#include "cli/load_settings.h"

namespace message_service::bench {
namespace {

void add_load_options(CLI::App& command, LoadOptions& load, std::string& json_file) {
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
  HttpOptions http;
  std::vector<std::uint32_t> connections{64};
  bool compare = false;
  std::uint32_t rounds = CompareOptions().rounds;
};

int run_http_or_compare(HttpArguments& arguments) {
  if (arguments.compare) {
    CompareOptions options;
    options.load = arguments.http.load;
    options.json_file = arguments.http.json_file;
    options.connections = arguments.connections;
    options.rounds = arguments.rounds;
    return run_compare(options);
  }
  if (arguments.connections.size() != 1)
    throw CLI::ValidationError("--connections", "takes a list with --compare only");
  arguments.http.connections = arguments.connections.front();
  return run_http(arguments.http);
}

void add_http(CLI::App& parent, int& exit_code) {
  const auto arguments = std::make_shared<HttpArguments>();
  HttpOptions& options = arguments->http;
  CLI::App* command = parent.add_subcommand("http", "Send messages to a running server and measure");
  command->add_option("--url", options.url, "The server")->capture_default_str();
  command->add_option("--connections", arguments->connections, "Connections, each with one request at a time")
      ->type_name("N")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--token", options.load.token,
                      "Bearer token of the person bench-sender, for a server with sign-in");
  command->add_option(
      "--operator-token", options.load.operator_token,
      "Bearer token with the scopes conversations:manage and operator: makes the conversations and reads "
      "the server's figures");
  command
      ->add_option("--ca-file", options.load.ca_file,
                   "PEM: whom to believe that the server is who it says, with https; the system's list by default")
      ->type_name("FILE");
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
  command->callback([arguments, &exit_code] { exit_code = run_http_or_compare(*arguments); });
}

void add_compare(CLI::App& parent, int& exit_code) {
  const auto options = std::make_shared<CompareOptions>();
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
  command->callback([options, &exit_code] { exit_code = run_compare(*options); });
}

struct DrainArguments {
  DrainBench bench;
  cli::SettingsOptions settings;
};

void add_drain(CLI::App& parent, int& exit_code) {
  const auto arguments = std::make_shared<DrainArguments>();
  DrainBench& bench = arguments->bench;
  CLI::App* command = parent.add_subcommand(
      "drain", "How fast what waits in Kafka is stored in MongoDB; on topics and a database of its own");
  cli::add_settings_options(*command, arguments->settings);
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
  command->callback([command, arguments, &exit_code] {
    const auto settings = cli::checked_settings(*command, arguments->settings);
    exit_code = settings ? run_drain_bench(arguments->bench, *settings) : exit_wrong_usage;
  });
}

void add_fanout_load(CLI::App& command, FanoutLoad& load) {
  command.add_option("--clients", load.clients, "WebSocket clients, all joined")->type_name("N")->capture_default_str();
  command.add_option("--rate", load.rate, "Messages a second, at fixed times; 0: none, to see what idle clients take")
      ->type_name("PER_SECOND")
      ->capture_default_str();
  command.add_option("--duration", load.duration_s, "How long to send")->type_name("SECONDS")->capture_default_str();
  command.add_option("--conversations", load.conversations, "Spread the clients and messages over so many")
      ->type_name("N")
      ->capture_default_str();
  const std::map<std::string, HubProtocolKind> protocols{{"json", HubProtocolKind::json},
                                                         {"messagepack", HubProtocolKind::messagepack}};
  command.add_option("--protocol", load.protocol, "What the clients speak: json (the default) or messagepack")
      ->type_name("NAME")
      ->transform(CLI::CheckedTransformer(protocols).description(""));
  command.add_option("--content-bytes", load.content_bytes, "Length of each message's content")
      ->type_name("BYTES")
      ->capture_default_str();
  command.add_flag("--compress", load.compress,
                   "Clients offer compression; a server that is started here takes it, however short the message");
  command.add_flag("--signed-in", load.signed_in,
                   "On a server with sign-in: each client is a person of its own, with a token, and a member");
  command.add_option("--stuck", load.stuck, "As many clients more that join and then read nothing")
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--quiet", load.quiet, "No progress lines");
}

void add_fanout(CLI::App& parent, int& exit_code) {
  const auto options = std::make_shared<FanoutOptions>();
  CLI::App* command = parent.add_subcommand(
      "fanout",
      "Send each message to thousands of hub clients and measure, on a server that is started and stopped here");
  add_fanout_load(*command, options->load);
  command->add_option("--url", options->url, "A running server instead; its figures come from /metrics");
  command
      ->add_option("--i-own-this-host", options->owned_host,
                   "Allow a load on this host although it is not this machine; the same name as in --url")
      ->type_name("HOST");
  command->add_flag(
      "--compare", options->compare,
      "In turn with a bare loop that writes the same bytes to the same clients: the least it can cost. With "
      "--stuck in turn without the stuck clients instead: what the others notice of them");
  command->add_option("--rounds", options->rounds, "With --compare: rounds of the two; medians are reported")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--server-program", options->server_program, "Another build of this program to start as the server")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--temp-folder", options->temp_folder, "Where the server's data folder is made, and removed")
      ->type_name("FOLDER");
  command->add_option("--json", options->json_file, "Also write the result to this file")->type_name("FILE");
  command->callback([options, &exit_code] { exit_code = run_fanout(*options); });
}

// For `bench fanout --compare`, which starts it.
void add_bare_server(CLI::App& parent, int& exit_code) {
  const auto frames = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("bare-server", "The bare loop of bench fanout")->group("");
  command->add_option("--frames", *frames, "What to send, one frame behind the other")->required();
  command->callback([frames, &exit_code] { exit_code = run_bare_server(*frames); });
}

int run(int argc, char** argv) {
  CLI::App program("Load for message-service, with a progress line and a result table.", "message-service-bench");
  program.require_subcommand(1);
  int exit_code = exit_done;
  add_http(program, exit_code);
  add_compare(program, exit_code);
  add_drain(program, exit_code);
  add_fanout(program, exit_code);
  add_bare_server(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? exit_done : exit_wrong_usage;
  }
  return exit_code;
}

}  // namespace
}  // namespace message_service::bench

int main(int argc, char** argv) { return message_service::bench::run(argc, argv); }
