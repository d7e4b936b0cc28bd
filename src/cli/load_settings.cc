#include "cli/load_settings.h"

#include <cstdio>

namespace message_service::cli {

void add_settings_options(CLI::App& command, SettingsOptions& options) {
  command.add_option("--config", options.file, "Configuration file (appsettings.json where present)");
  command.allow_extras();
  command.footer("Every setting of `message-service config print` can be given as --Section:Key=VALUE.");
}

config::Loaded load_settings(const CLI::App& command, const SettingsOptions& options) {
  return config::load({.file = options.file.empty() ? std::nullopt : std::optional(options.file),
                       .environment = config::process_environment(),
                       .flags = command.remaining()});
}

std::optional<config::Settings> checked_settings(const CLI::App& command, const SettingsOptions& options) {
  config::Loaded loaded = load_settings(command, options);
  std::fputs(config::print_mistakes(loaded.notices).c_str(), stderr);
  if (loaded.mistakes.empty()) return std::move(loaded.settings);
  std::fputs(config::print_mistakes(loaded.mistakes).c_str(), stderr);
  return std::nullopt;
}

}  // namespace message_service::cli
