#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/load_settings.h"

namespace message_service::cli {

namespace {

struct PrintOptions {
  SettingsOptions settings;
  bool json = false;
};

int print(const config::Loaded& loaded, bool json) {
  std::fputs((json ? config::print_json(loaded) : config::print_text(loaded)).c_str(), stdout);
  std::fputs(config::print_mistakes(loaded.notices).c_str(), stderr);
  if (loaded.mistakes.empty()) return 0;
  std::fputs(config::print_mistakes(loaded.mistakes).c_str(), stderr);
  return 2;
}

}  // namespace

void add_config_command(CLI::App& program, Outcome& outcome) {
  CLI::App* config = program.add_subcommand("config", "Show or check the configuration");
  config->require_subcommand(1);

  auto print_options = std::make_shared<PrintOptions>();
  CLI::App* print_command = config->add_subcommand("print", "Every setting, its value, where it came from, its text");
  add_settings_options(*print_command, print_options->settings);
  print_command->add_flag("--json", print_options->json, "For machines");
  print_command->callback([print_command, print_options, &outcome] {
    outcome.exit_code = print(load_settings(*print_command, print_options->settings), print_options->json);
  });

  auto check_options = std::make_shared<SettingsOptions>();
  CLI::App* check_command = config->add_subcommand("check", "Name every mistake; exit code 2 when there are any");
  add_settings_options(*check_command, *check_options);
  check_command->callback([check_command, check_options, &outcome] {
    const bool right = checked_settings(*check_command, *check_options).has_value();
    if (right) std::puts("The configuration is right.");
    outcome.exit_code = right ? 0 : 2;
  });
}

}  // namespace message_service::cli
