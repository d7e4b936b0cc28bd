#include <cstdio>
#include <memory>

#include "app/options.h"
#include "app/roles.h"
#include "app/service.h"
#include "commands/commands.h"
#include "commands/load_settings.h"
#include "runtime/executors/end_signals.h"

namespace message_service::commands {

namespace {

struct ServeOptions {
  SettingsOptions settings;
  std::string roles = "api,persister,hub";
};

int exit_code_of(const Error& error) {
  const bool to_be_put_right =
      error.code == ErrorCode::invalid || error.code == ErrorCode::conflict || error.code == ErrorCode::corrupt;
  return to_be_put_right ? 2 : 1;
}

int serve(const config::Settings& settings, const app::Roles& roles) {
  const sigset_t signals = block_end_signals();
  log::start(app::log_options(settings));
  auto service = app::Service::start(settings, roles);
  if (!service) {
    log::stop();
    std::fprintf(stderr, "message-service cannot start: %s\n", service.error().text.c_str());
    return exit_code_of(service.error());
  }
  for (const std::string& url : (*service)->urls()) std::printf("Now listening on: %s\n", url.c_str());
  std::fflush(stdout);
  wait_for_end(signals);
  (*service)->stop();
  service->reset();
  log::stop();
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = program.add_subcommand("serve", "Run the service until SIGTERM or Ctrl-C");
  add_settings_options(*command, options->settings);
  command->add_option("--roles", options->roles, "What this node does: a list of api, persister, hub")
      ->capture_default_str();
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    const auto roles = app::parse_roles(options->roles);
    if (!roles) std::fprintf(stderr, "%s\n", roles.error().text.c_str());
    outcome.exit_code = settings && roles ? serve(*settings, *roles) : 2;
  });
}

}  // namespace message_service::commands
