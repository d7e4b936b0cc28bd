#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_object_writer.h"
#include "cli/commands.h"
#include "cli/load_settings.h"
#include "cli/service_options.h"
#include "http/client/client.h"

namespace message_service::cli {

namespace {

constexpr auto kHealthTimeout = std::chrono::seconds(5);

struct HealthOptions {
  SettingsOptions settings;
  service::NamedService named;
  bool ready = false;
  bool live = false;
  bool json = false;
};

struct Health {
  std::string url;
  unsigned status = 0;  // 0: nobody answers
  std::string text;     // the answer's lines, or why there is none

  bool good() const { return status == 200; }
};

Health ask(const HealthOptions& options, const config::Settings& settings) {
  const bool own = options.named.url.empty();
  const std::string service = own ? service::own_url(settings) : options.named.url;
  const std::string path = options.live ? "/health/live" : "/health/ready";
  Health health{.url = service + path};
  if (own && service.ends_with(":0")) {
    health.text = "Urls leaves the port to the system: name the service by --url";
    return health;
  }
  auto target = http::resolve(service);
  if (!target) {
    health.text = (own ? "Urls: " : "--url: ") + target.error().text;
    return health;
  }
  if (const std::string host = own ? service::own_host(settings) : ""; !host.empty()) target->authority = host;
  // The question holds no secret, and a certificate that has been replaced a moment ago makes nobody ill.
  http::Client client(std::move(*target), kHealthTimeout,
                      service::with_trust({.any_certificate = own}, settings, options.named));
  const auto answer = client.get(path);
  if (answer) {
    health.status = answer->status;
    health.text = answer->body;
  } else {
    health.text = answer.error().text;
  }
  while (health.text.ends_with('\n')) health.text.pop_back();
  return health;
}

int report(const Health& health, bool json) {
  if (json) {
    std::string line;
    base::JsonObjectWriter(line)
        .boolean("healthy", health.good())
        .string("url", health.url)
        .number("status", static_cast<std::int64_t>(health.status))
        .string("text", health.text)
        .close();
    std::puts(line.c_str());
  } else {
    std::fprintf(health.status == 0 ? stderr : stdout, "%s\n", health.text.c_str());
  }
  return health.good() ? 0 : 1;
}

}  // namespace

void add_health_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* command =
      program.add_subcommand("health", "Ask the running service whether it is well; exit code 1 when it is not");
  add_settings_options(*command, options->settings);
  add_service_options(*command, options->named);
  CLI::Option* ready = command->add_flag("--ready", options->ready, "Whether it takes requests (the default)");
  command->add_flag("--live", options->live, "Only whether its process answers")->excludes(ready);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    outcome.exit_code = settings ? report(ask(*options, *settings), options->json) : 2;
  });
}

}  // namespace message_service::cli
