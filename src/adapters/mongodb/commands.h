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
    strange,   // nobody knows the error; see errors.h
    setup,     // nothing is wrong with the document, and somebody has to put the servers right
    later,     // nothing is wrong with the document
  };
  std::size_t index = 0;
  Kind kind = Kind::later;
  std::string text;

  bool concerns_document() const { return kind == Kind::refused || kind == Kind::strange; }
};

// The first of an ordered write, all of an unordered one.
using WriteFailures = std::vector<WriteFailure>;

// Those that a reply to a write command names, in the order of their documents.
WriteFailures failures_in(const bson_t* reply);

// Runs a write command. Succeeds when what was written, and what stood in its way, is held by the majority in its
// journals; the failures are in the order of their documents.
base::Result<WriteFailures> run_write(const Pool::Client& client, const Pool& pool, const bson_t* command,
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

enum class Next { more, enough };

// Calls `each` with every document found, until that has enough or returns an error.
base::Result<void> find(const Pool::Client& client, const Pool& pool, std::string_view collection, const bson_t* filter,
                        const FindOptions& options, const std::function<base::Result<Next>(Found)>& each);

}  // namespace message_service::mongodb
