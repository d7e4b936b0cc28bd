// message-service: chat messages in at the speed of a log, and never lost.
#include <CLI/CLI.hpp>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App program("Chat messages in at the speed of a log, and never lost.", "message-service");
  program.require_subcommand(1);
  message_service::cli::Outcome outcome;
  message_service::cli::add_serve_command(program, outcome);
  message_service::cli::add_config_command(program, outcome);
  message_service::cli::add_tail_command(program, outcome);
  message_service::cli::add_dead_command(program, outcome);
  message_service::cli::add_lag_command(program, outcome);
  message_service::cli::add_doctor_command(program, outcome);
  message_service::cli::add_backup_command(program, outcome);
  message_service::cli::add_health_command(program, outcome);
  message_service::cli::add_conversations_command(program, outcome);
  message_service::cli::add_keys_command(program, outcome);
  message_service::cli::add_token_command(program, outcome);
  message_service::cli::add_revocations_command(program, outcome);
  message_service::cli::add_bench_command(program, outcome);
  message_service::cli::add_verify_command(program, outcome);
  message_service::cli::add_version_command(program, outcome);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return outcome.exit_code;
}
