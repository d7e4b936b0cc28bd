// How a bench command ends: its exit code, and the reason on stderr.
#pragma once

#include <cstdio>
#include <string>

namespace message_service::bench {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_wrong_usage = 2;

// Returns the code, so that a command can leave with `return say(exit_failed, …)`.
inline int say(int code, const std::string& text) {
  std::fprintf(stderr, "bench: %s\n", text.c_str());
  return code;
}

}  // namespace message_service::bench
