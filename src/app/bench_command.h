// `message-service bench http` and `bench compare`: their options and help texts. The commands run inside the parsing
// of the command line; one that does not succeed throws CLI::RuntimeError with its exit code.
#pragma once

#include <CLI/CLI.hpp>

namespace message_service::app {

// Returns the `bench` command, so that other loads can be added to it.
CLI::App* add_bench_command(CLI::App& app);

}  // namespace message_service::app
