// The programs that receive a load and send it.
#pragma once

#include <string>

#include "base/program_beside.h"

namespace message_service::bench {

// The service: the program `message-service` in the same folder as this one.
inline std::string service_program() { return base::program_beside("message-service"); }

inline constexpr const char* kThisProgram = "/proc/self/exe";

}  // namespace message_service::bench
