// Serves a file that was built into the binary: compressed where the client takes that, and with an ETag, so that a
// browser asks for a page again and downloads it only when it has changed.
#pragma once

#include <string_view>

#include "http/routing/router.h"
#include "service/embedded_files.h"

namespace message_service::service {

// GET of `path`, for callers of that access (see access.h); the same path with a slash at its end is sent on to `path`,
// for the file's own addresses are relative.
void add_file_route(http::Router& router, std::string_view path, const EmbeddedFile& file, std::string_view access);

}  // namespace message_service::service
