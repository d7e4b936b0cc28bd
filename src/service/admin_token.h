// The secret by which a command on this machine shows a running service that it may read the service's data folder.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace message_service::service {

// Writes a new token, in a file that only its owner may read.
base::Result<std::string> write_admin_token(const std::filesystem::path& data_directory);

// The token that was written last. `not_found`: there is none.
base::Result<std::string> read_admin_token(const std::filesystem::path& data_directory);

}  // namespace message_service::service
