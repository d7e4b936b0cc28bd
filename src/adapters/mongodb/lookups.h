// Single documents by their id, as reads and writes both need them. Private to the adapter.
#pragma once

#include <optional>

#include "adapters/mongodb/pool.h"
#include "model/conversation.h"
#include "model/event.h"
#include "model/message.h"

namespace message_service::mongodb {

base::Result<std::optional<Conversation>> find_conversation(const Pool::Client& client, const Pool& pool,
                                                            const Options& options, const std::string& id);
base::Result<std::optional<Stored>> find_message(const Pool::Client& client, const Pool& pool, const Options& options,
                                                 const ObjectIdBytes& id);
base::Result<std::optional<MessageRejected>> find_rejection(const Pool::Client& client, const Pool& pool,
                                                            const Options& options, const ObjectIdBytes& id);

}  // namespace message_service::mongodb
