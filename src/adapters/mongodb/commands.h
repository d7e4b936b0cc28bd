// Commands to the servers: writes that are acknowledged by the majority, reads of what the majority has. Private to the
// adapter: it shows the driver. Each blocks for a bounded time; errors are `unavailable`.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mongodb/bson.h"
#include "adapters/mongodb/pool.h"

namespace message_service::mongodb {

// One document of a write that the server did not take.
struct WriteFailure {
  enum class Kind {
    taken_id,  // a document with its _id is there
    refused,   // this document will never be taken: too large, against a rule of the collection, …
    later,     // nothing is wrong with the document
  };
  std::size_t index = 0;
  Kind kind = Kind::later;
  std::string text;
};

// The first of an ordered write, all of an unordered one.
using WriteFailures = std::vector<WriteFailure>;

// Those that a reply to a write command names, in the order of their documents.
WriteFailures failures_in(const bson_t* reply);

// Runs a write command. Succeeds when what was written, and what stood in its way, is held by the majority in its
// journals; the failures are in the order of their documents.
Result<WriteFailures> run_write(const Pool::Client& client, const Pool& pool, const bson_t* command,
                                std::chrono::milliseconds timeout, std::string_view doing);

// {w: "majority", j: true, wtimeout}, under the name writeConcern.
void write_concern(Writer& out, std::chrono::milliseconds timeout);

struct FindOptions {
  const bson_t* sort = nullptr;
  const bson_t* projection = nullptr;
  std::int64_t limit = 0;  // 0: all
  std::chrono::milliseconds timeout{5000};
};

// Valid during the call that it is given to.
struct Found {
  const bson_t* document;
};

// Calls `each` with every document found; an error of `each` ends it.
Result<void> find(const Pool::Client& client, const Pool& pool, std::string_view collection, const bson_t* filter,
                  const FindOptions& options, const std::function<Result<void>(Found)>& each);

}  // namespace message_service::mongodb
