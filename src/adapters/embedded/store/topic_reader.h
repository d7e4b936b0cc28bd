// Reads consecutive records of one topic. A gap in the offsets is damage: it is reported, never skipped.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

// The records [from, to), all of which must exist.
base::Result<std::vector<ConsumedRecord>> read_topic(Database& database, Table topic, std::int64_t from,
                                                     std::int64_t to);

}  // namespace message_service::embedded
