// Somewhere to run work that blocks, so that whoever asks for it need not know the pool behind it.
#pragma once

#include <functional>

namespace base {

// False when too much work waits already: the work was not taken and will not run.
using BlockingExecutor = std::function<bool(std::function<void()>)>;

}  // namespace base
