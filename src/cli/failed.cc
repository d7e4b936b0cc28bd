#include <cstdio>

#include "cli/commands.h"

namespace message_service::cli {

int failed(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.text.c_str());
  return 1;
}

}  // namespace message_service::cli
