// Lets the main thread wait for SIGINT and SIGTERM.
#pragma once

#include <csignal>

namespace runtime {

// Call before the program starts any other thread, so that only wait_for_end() sees the signals. Also ignores SIGPIPE:
// a peer that has closed its connection ends nothing.
sigset_t block_end_signals();

void wait_for_end(const sigset_t& signals);

}  // namespace runtime
