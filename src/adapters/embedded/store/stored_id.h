// Ids that a store makes once and keeps: of its log, of its history.
#pragma once

#include <string>
#include <string_view>

#include "adapters/embedded/store/database.h"

namespace message_service::embedded {

// `row`: of Table::meta. Any thread; of several that make it at once, all get the same one.
base::Result<std::string> stored_id(Database& store, std::string_view row);

}  // namespace message_service::embedded
