// The resources that a process of this machine has used, as the kernel reports them. Any thread; returns nothing when
// the process no longer exists.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace message_service::bench {

std::optional<double> cpu_seconds_of(pid_t process);
std::optional<double> resident_bytes_of(pid_t process);

// Raises this process's limit of open files, which later child processes inherit. The error names the limit.
base::Result<void> allow_open_files(std::uint64_t wanted, const char* option);

}  // namespace message_service::bench
