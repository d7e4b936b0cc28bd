// Starts a coroutine that nobody waits for. Its destructors release its resources. An exception that ends it is logged
// and ends nothing else.
#pragma once

#include <exception>

#include "runtime/asio_types.h"

namespace runtime {

// `what` names the work in the log, as in "A connection", and must be a literal.
void spawn(const Executor& executor, Awaitable<void> work, const char* what);

// Logs that `what` has failed, at most one line a minute.
void log_failure(const char* what, const std::exception_ptr& failure);

}  // namespace runtime
