// The rows of revoked tokens. Any thread.
#pragma once

#include <vector>

#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/revocation.h"

namespace message_service::embedded {

// All of them, also those that need not be kept any more.
base::Result<std::vector<Revocation>> read_revocations(Database& database);

}  // namespace message_service::embedded
