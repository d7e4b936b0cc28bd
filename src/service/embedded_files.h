// Files that were built into the binary. Immutable; any thread.
#pragma once

#include <span>
#include <string_view>

namespace message_service::service {

struct EmbeddedFile {
  std::string_view path;  // "/assets/index-1a2b3c.js"
  std::string_view bytes;
};

std::span<const EmbeddedFile> web_files();      // the chat page
std::span<const EmbeddedFile> openapi_files();  // openapi.json

}  // namespace message_service::service
