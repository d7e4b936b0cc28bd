// SIGINT and SIGTERM as a thing to wait for. Called by the main thread.
#pragma once

#include <csignal>

namespace runtime {

// Before any other thread is made, so that only wait_for_end() sees them. A peer that is gone (SIGPIPE) ends nothing.
sigset_t block_end_signals();

void wait_for_end(const sigset_t& signals);

}  // namespace runtime
