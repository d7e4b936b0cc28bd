// The keys of sign-in, membership and rates: a part of the schema.
#pragma once

#include <vector>

#include "config/entry.h"

namespace message_service::config {

std::vector<Entry> access_keys();
std::vector<Entry> rate_limit_keys();

}  // namespace message_service::config
