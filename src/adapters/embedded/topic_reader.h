// Reads consecutive records of one topic. A hole in the offsets is damage and is reported, never stepped over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/embedded/database.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::embedded {

// The records [from, to), all of which must exist, as they are stored.
Result<std::vector<std::string>> read_raw(Database& database, Table topic, std::int64_t from, std::int64_t to);

// The same, decoded.
Result<std::vector<ConsumedRecord>> read_topic(Database& database, Table topic, std::int64_t from, std::int64_t to);

// The offset of the oldest record still there; the topic's end when there is none.
Result<std::int64_t> first_offset(Database& database, Table topic);

}  // namespace message_service::embedded
