#include "bench/http_bench.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "bench/exit.h"
#include "bench/mistakes.h"
#include "bench/report.h"
#include "runtime/interrupt.h"

namespace message_service::bench {

std::vector<std::string> mistakes_in(const LoadOptions& options) {
  std::vector<std::string> mistakes;
  require(mistakes, !options.rate || within(*options.rate, 0.1, 1e6), "--rate: must be from 0.1 to 1000000 requests/s");
  require(mistakes, within(options.duration_s, 0.1, 3600), "--duration: must be from 0.1 to 3600 seconds");
  require(mistakes, within(options.warmup_s, 0, 600), "--warmup: must be from 0 to 600 seconds");
  require(mistakes, within(options.timeout_s, 0.1, 60), "--timeout: must be from 0.1 to 60 seconds");
  require(mistakes, within(options.conversations, 1, 100'000), "--conversations: must be from 1 to 100000");
  require(mistakes, within(options.content_bytes, 1, 1 << 20), "--content-bytes: must be from 1 to 1048576");
  require(mistakes, within(options.threads, 1, 64), "--threads: must be from 1 to 64");
  require(mistakes, within(static_cast<double>(options.max_requests), 1, 1e9),
          "--max-requests: must be from 1 to 1000000000");
  return mistakes;
}

std::vector<std::string> mistakes_in_connections(std::uint32_t connections, const LoadOptions& options) {
  std::vector<std::string> mistakes;
  require(mistakes, within(connections, 1, 20'000), "--connections: must be from 1 to 20000");
  require(mistakes, connections >= options.threads, "--connections: must be at least --threads");
  return mistakes;
}

std::vector<std::string> mistakes_in(const HttpOptions& options) {
  std::vector<std::string> mistakes = mistakes_in(options.load);
  for (auto& text : mistakes_in_connections(options.connections, options.load)) mistakes.push_back(std::move(text));
  const bool sound_path =
      options.path.empty() || (options.path.starts_with('/') && std::all_of(options.path.begin(), options.path.end(),
                                                                            [](char c) { return c > ' ' && c < 127; }));
  require(mistakes, sound_path, "--path: must begin with / and have no spaces, e.g. /bench/noop");
  if (const auto url = http::parse_url(options.url); !url) mistakes.push_back(url.error().text);
  return mistakes;
}

int run_http(const HttpOptions& options) {
  const std::vector<std::string> mistakes = mistakes_in(options);
  for (const std::string& text : mistakes) say(exit_wrong_usage, text);
  if (!mistakes.empty()) return exit_wrong_usage;
  const base::Result<http::ServerAddress> target = resolve_target(options.url, options.owned_host);
  if (!target)
    return say(target.error().code == base::ErrorCode::invalid ? exit_wrong_usage : exit_failed, target.error().text);

  const runtime::InterruptGuard guard;
  if (options.path.empty()) {
    http::Client client(*target, control_timeout, {.ca_file = options.load.ca_file});
    if (!options.load.operator_token.empty()) client.authorize(options.load.operator_token);
    const base::Result<void> created = create_conversations(client, options.load.conversations);
    if (!created) return say(exit_failed, created.error().text);
  }
  const base::Result<LoadResult> result =
      run_load({options.load, *target, options.connections, options.path, std::string()});
  if (!result) return say(exit_failed, result.error().text);
  std::printf("%s", load_table(*result).c_str());
  if (!options.json_file.empty()) {
    const boost::json::object content{{"command", "http"},
                                      {"url", options.url},
                                      {"path", options.path},
                                      {"connections", options.connections},
                                      {"options", options_json(options.load)},
                                      {"result", load_json(*result)}};
    const base::Result<void> written = write_json_file(options.json_file, content);
    if (!written) return say(exit_failed, written.error().text);
  }
  if (result->interrupted) return say(exit_failed, "interrupted: the figures are those until then");
  if (result->answered() == 0) return say(exit_failed, "no request was answered as expected");
  return exit_done;
}

}  // namespace message_service::bench
