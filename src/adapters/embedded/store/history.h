// Reads the messages of one conversation from the database. read_history() reports and leaves out unreadable messages,
// a row or a damaged block of many rows; the rows beyond them take their place. Any thread.
#pragma once

#include <string>

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/store_reader.h"

namespace message_service::embedded {

base::Result<Page> read_history(Database& database, Damage& damage, const std::string& conversation_id,
                                const PageQuery& query);

// `corrupt`, with the field, for a row that does not hold the message that its key names. The traceparent is the
// message's, which the row does not have.
base::Result<Stored> read_message_row(std::string_view conversation_id, std::uint64_t sequence, std::string_view json,
                                      std::string_view traceparent = {});

}  // namespace message_service::embedded
