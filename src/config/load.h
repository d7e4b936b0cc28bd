// Reads the settings from a file, the environment and the command line.
//
// load() never throws and never stops at the first mistake: it reads everything and reports every mistake at once.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"

namespace message_service::config {

struct LoadInput {
  std::optional<std::string> file;  // named by the user, so it must exist; none: appsettings.json where present
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> flags;  // in any form of .NET's command line: "--Section:Key=VALUE", "/Key VALUE"
};

// The process's environment in the form LoadInput wants. Call before other threads start.
std::vector<std::pair<std::string, std::string>> process_environment();

struct Mistake {
  std::string source;  // a file's path, "environment" or "command line"
  std::string key;
  std::string text;  // the fault, and the right form
};

// One setting as `config print` shows it. Secrets are already masked.
struct Option {
  std::string key;
  std::string type;
  std::string value;
  std::string origin;  // "default", a file's path, "environment" or "command line"
  std::string help;
  std::string default_value;
  std::string bounds;  // "1 to 100000", "Embedded or Kafka", "" where any value is right
};

struct Loaded {
  Settings settings;  // to be used only when there are no mistakes
  std::vector<Mistake> mistakes;
  std::vector<Mistake> notices;  // settings without effect, or with another effect than the user may expect
  std::vector<Option> options;   // in the order of the schema
};

// File, then appsettings.ENVIRONMENT.json, then environment, then flags; the later one wins.
Loaded load(const LoadInput& input);

// The keys whose values differ, in the order of the schema.
std::vector<std::string> changed_keys(const Settings& before, const Settings& after);

std::string print_text(const Loaded& loaded);
std::string print_json(const Loaded& loaded);

// "source: key: text"; without the key where there is none.
std::string to_text(const Mistake& mistake);

// One line a mistake: "appsettings.json: MessagePersistence:BatchSize: must be …".
std::string print_mistakes(const std::vector<Mistake>& mistakes);

}  // namespace message_service::config
