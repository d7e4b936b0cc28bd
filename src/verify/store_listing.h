// Asks a running service for the history of conversations, and writes it down as a listing of a recorded history.
// One thread; blocks.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "http/client/client.h"

namespace message_service::verify {

// Appends to the descriptor. `unavailable`: the service does not answer, or refuses; the text says which conversation.
// A conversation that does not exist has an empty listing.
base::Result<void> write_listing(http::Client& client, const std::vector<std::string>& conversations, int descriptor);

}  // namespace message_service::verify
