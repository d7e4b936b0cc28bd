// The path of a program in the same folder as this one, where both are built or installed. Reads /proc; throws when
// there is no /proc.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace base {

inline std::string program_beside(std::string_view name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

}  // namespace base
