#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

#include "base/program_beside.h"
#include "cli/commands.h"

namespace message_service::cli {
namespace {

// Turns this process into the load generator, which is a program of its own beside this one.
int run_bench(const std::vector<std::string>& words) {
  const std::string program = base::program_beside("message-service-bench");
  std::vector<char*> arguments{const_cast<char*>(program.c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  std::fprintf(stderr,
               "bench: %s cannot be started: %s. It is a program of its own; build or install it beside this one\n",
               program.c_str(), std::error_code(errno, std::generic_category()).message().c_str());
  return 1;
}

}  // namespace

void add_bench_command(CLI::App& program, Outcome& outcome) {
  CLI::App* command = program.add_subcommand("bench", "Load with a progress line and a result table");
  command->set_help_flag();  // the load generator has its own help
  command->prefix_command();
  command->callback([command, &outcome] { outcome.exit_code = run_bench(command->remaining()); });
}

}  // namespace message_service::cli
