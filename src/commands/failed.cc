#include <cstdio>

#include "commands/commands.h"

namespace message_service::commands {

int failed(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text.c_str());
  return 1;
}

}  // namespace message_service::commands
