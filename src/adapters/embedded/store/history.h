// Reads the messages of one conversation from the database. What cannot be read of them, a row or a damaged block of
// many, is reported and left out, and the rows behind it take its place. Any thread.
#pragma once

#include <string>

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/store_reader.h"

namespace message_service::embedded {

base::Result<Page> read_history(Database& database, Damage& damage, const std::string& conversation_id,
                                const PageQuery& query);

// `corrupt`, with the field, for a row that is not the message that its key says.
base::Result<Stored> read_message_row(std::string_view conversation_id, std::uint64_t sequence, std::string_view json);

}  // namespace message_service::embedded
