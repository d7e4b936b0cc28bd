// Files that were built into the binary. Immutable; any thread.
#pragma once

#include <span>
#include <string_view>

namespace message_service::service {

struct EmbeddedFile {
  std::string_view path;  // "/assets/index-1a2b3c.js"
  std::string_view bytes;
  std::string_view brotli;
  std::string_view gzip;
};

std::span<const EmbeddedFile> web_files();          // the pages
std::span<const EmbeddedFile> description_files();  // openapi.json, asyncapi.json

}  // namespace message_service::service
