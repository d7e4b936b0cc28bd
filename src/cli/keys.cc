#include <cstdio>
#include <memory>
#include <string>

#include "access/development_key.h"
#include "cli/commands.h"

namespace message_service::cli {

namespace {

struct KeyOptions {
  std::string file;
  std::string algorithm = "ES256";
};

int create_key(const KeyOptions& options) {
  if (const auto created = access::DevelopmentKey::create(options.file, options.algorithm); !created) {
    return failed(created.error());
  }
  std::printf("Created %s\n", options.file.c_str());
  return 0;
}

}  // namespace

void add_keys_command(CLI::App& program, Outcome& outcome) {
  CLI::App* keys = program.add_subcommand("keys", "Keys that sign tokens, for development");
  keys->require_subcommand(1);
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command =
      keys->add_subcommand("create", "Make a private key for `token create` and Auth:DevelopmentKeyFile");
  command->add_option("--out", options->file, "Where to write it, as a JSON Web Key; an existing file is left alone")
      ->required();
  command->add_option("--algorithm", options->algorithm, "HS256, RS256, ES256 or EdDSA")->capture_default_str();
  command->callback([options, &outcome] { outcome.exit_code = create_key(*options); });
}

}  // namespace message_service::cli
