#include "observe/build_info.h"

namespace message_service {

std::string_view version() { return "0.1.0"; }

std::string_view compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

}  // namespace message_service
