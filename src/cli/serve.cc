#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/load_settings.h"
#include "runtime/end_signals.h"
#include "service/roles.h"
#include "service/service.h"

namespace message_service::cli {

namespace {

struct ServeOptions {
  SettingsOptions settings;
  std::string roles = "api,persister,hub";
};

int exit_code_of(const base::Error& error) {
  const bool to_be_put_right = error.code == base::ErrorCode::invalid || error.code == base::ErrorCode::conflict ||
                               error.code == base::ErrorCode::corrupt;
  return to_be_put_right ? 2 : 1;
}

int serve(const config::Settings& settings, const service::Roles& roles) {
  const sigset_t signals = runtime::block_end_signals();
  logging::start(settings.logging);
  auto service = service::Service::start(settings, roles);
  if (!service) {
    logging::stop();
    std::fprintf(stderr, "message-service cannot start: %s\n", service.error().text.c_str());
    return exit_code_of(service.error());
  }
  for (const std::string& url : (*service)->urls()) std::printf("Now listening on: %s\n", url.c_str());
  std::fflush(stdout);
  runtime::wait_for_end(signals);
  (*service)->stop();
  service->reset();
  logging::stop();
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
    const auto roles = service::parse_roles(options->roles);
    if (!roles) std::fprintf(stderr, "%s\n", roles.error().text.c_str());
    outcome.exit_code = settings && roles ? serve(*settings, *roles) : 2;
  });
}

}  // namespace message_service::cli
