#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/load_settings.h"
#include "config/text.h"
#include "runtime/service_manager.h"
#include "runtime/service_signals.h"
#include "runtime/watchdog.h"
#include "service/reload.h"
#include "service/roles.h"
#include "service/service.h"

namespace message_service::cli {

namespace {

constexpr auto kStopMargin = std::chrono::seconds(5);  // for what a stop does beside the configured times

struct ServeOptions {
  SettingsOptions settings;
  std::string roles = "api,persister,hub";
};

int exit_code_of(const base::Error& error) {
  const bool to_be_put_right = error.code == base::ErrorCode::invalid || error.code == base::ErrorCode::conflict ||
                               error.code == base::ErrorCode::corrupt;
  return to_be_put_right ? 2 : 1;
}

// An assignment ends with its line.
std::string status(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return "STATUS=" + text;
}

// The running service, and what has been asked of it by signals.
class Running {
 public:
  // `load` reads the configuration again, in the same way as at the start.
  Running(service::Service& service, const runtime::ServiceManager& manager, config::Settings settings,
          std::function<config::Loaded()> load)
      : service_(service),
        manager_(manager),
        at_start_(settings),
        taken_(std::move(settings)),
        load_(std::move(load)) {}

  void tell_ready() const {
    manager_.notify("READY=1\n" + status("Listening on " + config::join(service_.urls(), ", ")));
  }

  void reload() {
    manager_.notify_reloading();
    config::Loaded loaded = load_();
    if (loaded.mistakes.empty()) {
      take(std::move(loaded.settings));
    } else {
      logging::error("The configuration has mistakes, and the one before stays in use");
      for (const config::Mistake& mistake : loaded.mistakes) logging::error(config::to_text(mistake));
    }
    tell_ready();
  }

  void stop() {
    const auto longest = taken_.process.shutdown_delay + taken_.process.shutdown_timeout + kStopMargin;
    manager_.notify("STOPPING=1\n" + status("Draining") + "\nEXTEND_TIMEOUT_USEC=" +
                    std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(longest).count()));
    service_.stop();
  }

 private:
  void take(config::Settings settings) {
    std::vector<std::string> taken = config::changed_keys(taken_, settings);
    std::erase_if(taken, [](const std::string& key) { return !service::takes_while_running(key); });
    std::vector<std::string> left = config::changed_keys(at_start_, settings);
    std::erase_if(left, [](const std::string& key) { return service::takes_while_running(key); });
    service_.reload(settings);
    taken_ = std::move(settings);
    logging::info("Reloaded: certificates and keys are read again, settings changed: " +
                  (taken.empty() ? "none" : config::join(taken, ", ")));
    if (!left.empty()) logging::warning("Changed settings that need a restart: " + config::join(left, ", "));
  }

  service::Service& service_;
  const runtime::ServiceManager& manager_;
  const config::Settings at_start_;
  config::Settings taken_;
  const std::function<config::Loaded()> load_;
};

int serve(config::Settings settings, const service::Roles& roles, std::function<config::Loaded()> load) {
  const runtime::ServiceSignals signals;
  const auto manager = runtime::ServiceManager::from_environment();
  logging::start(settings.logging);
  settings.server.handed_sockets = manager.sockets();
  manager.notify(status("Opening the log and the store"));
  auto service = service::Service::start(settings, roles);
  if (!service) {
    logging::stop();
    std::fprintf(stderr, "message-service cannot start: %s\n", service.error().text.c_str());
    manager.notify(status("Cannot start: " + service.error().text));
    return exit_code_of(service.error());
  }
  for (const std::string& url : (*service)->urls()) std::printf("Now listening on: %s\n", url.c_str());
  std::fflush(stdout);
  {
    const runtime::Watchdog watchdog(manager, (*service)->shards());
    Running running(**service, manager, std::move(settings), std::move(load));
    running.tell_ready();
    while (signals.wait() == runtime::SignalRequest::reload) running.reload();
    running.stop();
  }
  service->reset();
  logging::stop();
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = program.add_subcommand("serve", "Run the service until SIGTERM or Ctrl-C; SIGHUP reloads");
  add_settings_options(*command, options->settings);
  command->add_option("--roles", options->roles, "What this node does: a list of api, persister, hub")
      ->capture_default_str();
  command->callback([command, options, &outcome] {
    auto settings = checked_settings(*command, options->settings);
    const auto roles = service::parse_roles(options->roles);
    if (!roles) std::fprintf(stderr, "%s\n", roles.error().text.c_str());
    const auto load = [command, options] { return load_settings(*command, options->settings); };
    outcome.exit_code = settings && roles ? serve(std::move(*settings), *roles, load) : 2;
  });
}

}  // namespace message_service::cli
