// A function that runs blocking work, so that its caller need not know the pool that runs it.
#pragma once

#include <functional>

namespace base {

// Returns false when too much work waits already: the executor has not taken the work and will not run it.
using BlockingExecutor = std::function<bool(std::function<void()>)>;

}  // namespace base
