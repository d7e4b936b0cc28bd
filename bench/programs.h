// Which programs a load is sent to and from.
#pragma once

#include <filesystem>
#include <string>

namespace message_service::bench {

// The service: the program `message-service` that lies beside this one.
inline std::string service_program() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "message-service").string();
}

inline constexpr const char* kThisProgram = "/proc/self/exe";

}  // namespace message_service::bench
