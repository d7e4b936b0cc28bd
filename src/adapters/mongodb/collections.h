// Checks the kinds of the store's collections, which others may have made. Private to the adapter.
#pragma once

#include <string>
#include <vector>

#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

// `invalid` when one is a view, a time series, or capped: MongoDB deletes confirmed documents from a capped one. Checks
// the existing collections that documents.h names. A user without the right to list collections gets no answer, and
// that is no error.
base::Result<void> check_collections(const Pool::Client& client, const Pool& pool);

// Rules that others have added and that may keep a message out or delete it: validators, unique indexes, indexes with a
// time to live. In whole sentences.
std::vector<std::string> foreign_rules(const Pool::Client& client, const Pool& pool);

}  // namespace message_service::mongodb
