#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "observe/build_info.h"

namespace message_service::cli {

void add_version_command(CLI::App& program, Outcome& outcome) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand("version", "Say which build this is");
  command->add_flag("--json", *json, "For machines");
  command->callback([json, &outcome] {
    const std::string number(version());
    const std::string built_with(compiler());
    std::printf(*json ? "{\"version\":\"%s\",\"compiler\":\"%s\"}\n" : "message-service %s (%s)\n", number.c_str(),
                built_with.c_str());
    outcome.exit_code = 0;
  });
}

}  // namespace message_service::cli
