// Fetches the documents of an identity provider.
#pragma once

#include <string>

#include "base/result.h"

namespace message_service::access {

// The body at an http or https address. Blocks, for a few seconds at most. Redirects are not followed.
base::Result<std::string> fetch_document(const std::string& url);

}  // namespace message_service::access
