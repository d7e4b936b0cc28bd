// The command line's verbs. Each adds itself to the program and, when chosen, sets `exit_code`.
#pragma once

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace message_service::cli {

// The exit code of a command: 0 done, 1 failed, 2 wrong usage or configuration.
struct Outcome {
  int exit_code = 0;
};

// Prints the error; returns the exit code.
int failed(const base::Error& error);

void add_serve_command(CLI::App& program, Outcome& outcome);
void add_config_command(CLI::App& program, Outcome& outcome);
void add_tail_command(CLI::App& program, Outcome& outcome);
void add_dead_command(CLI::App& program, Outcome& outcome);
void add_lag_command(CLI::App& program, Outcome& outcome);
void add_doctor_command(CLI::App& program, Outcome& outcome);
void add_backup_command(CLI::App& program, Outcome& outcome);
void add_health_command(CLI::App& program, Outcome& outcome);
void add_conversations_command(CLI::App& program, Outcome& outcome);
void add_bench_command(CLI::App& program, Outcome& outcome);
void add_keys_command(CLI::App& program, Outcome& outcome);
void add_token_command(CLI::App& program, Outcome& outcome);
void add_revocations_command(CLI::App& program, Outcome& outcome);
void add_verify_command(CLI::App& program, Outcome& outcome);
void add_version_command(CLI::App& program, Outcome& outcome);

}  // namespace message_service::cli
