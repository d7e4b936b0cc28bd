// Reads the configuration as every command does: --config FILE, the environment, and --Section:Key=VALUE flags.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "config/load.h"

namespace message_service::cli {

struct SettingsOptions {
  std::string file;  // empty: appsettings.json where present
};

// Adds --config, and lets --Section:Key=VALUE through.
void add_settings_options(CLI::App& command, SettingsOptions& options);

config::Loaded load_settings(const CLI::App& command, const SettingsOptions& options);

// Prints every mistake to stderr; returns nothing when there are any.
std::optional<config::Settings> checked_settings(const CLI::App& command, const SettingsOptions& options);

}  // namespace message_service::cli
