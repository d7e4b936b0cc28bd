// What kinds of collections the store's are, as others may have made them. Private to the adapter.
#pragma once

#include <string>
#include <vector>

#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

// `invalid` when one is a view, a time series, or capped, in which MongoDB deletes what it has confirmed. Of the names
// in documents.h that are there; a user who may not list collections gets no answer, and that is no error.
base::Result<void> check_collections(const Pool::Client& client, const Pool& pool);

// Rules that others have added and that may keep a message out or delete it: validators, unique indexes, indexes with a
// time to live. In whole sentences.
std::vector<std::string> foreign_rules(const Pool::Client& client, const Pool& pool);

}  // namespace message_service::mongodb
