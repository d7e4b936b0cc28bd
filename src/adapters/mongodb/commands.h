// Commands to the servers: writes that the majority acknowledges, reads of data that the majority has. Private to the
// adapter: exposes the driver. Each command blocks for a bounded time; errors are `unavailable`.
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
    taken_id,  // a document with the same _id exists
    refused,   // the server will never take this document: too large, against a rule of the collection, …
    strange,   // the error is unknown; see errors.h
    setup,     // the document is good, and a person has to put the servers right
    later,     // the document is good, and may be written later
  };
  std::size_t index = 0;
  Kind kind = Kind::later;
  std::string text;

  bool concerns_document() const { return kind == Kind::refused || kind == Kind::strange; }
};

// The first failure of an ordered write, all failures of an unordered one.
using WriteFailures = std::vector<WriteFailure>;

// The failures that a reply to a write command names, in the order of their documents.
WriteFailures failures_in(const bson_t* reply);

// Runs a write command. Succeeds when the majority has the written documents, and the ones that stood in their way, in
// its journals; the failures are in the order of their documents.
base::Result<WriteFailures> run_write(const Pool::Client& client, const Pool& pool, const bson_t* command,
                                      std::chrono::milliseconds timeout, std::string_view doing);

// {w: "majority", j: true, wtimeout}, under the name writeConcern.
void write_concern(Writer& out, std::chrono::milliseconds timeout);

// The command that deletes all documents of a collection that `filter` matches.
void write_delete(Writer& out, std::string_view collection, const std::function<void(Writer&)>& filter);

struct FindOptions {
  const bson_t* sort = nullptr;
  const bson_t* projection = nullptr;
  std::string_view hint{};                     // the name of the index; empty: the server chooses
  mongoc_client_session_t* session = nullptr;  // with a transaction under way: reads within it
  std::int64_t limit = 0;                      // 0: all
  std::int64_t skip = 0;                       // so many of the first
  std::chrono::milliseconds timeout{5000};
};

// Valid only during the call that receives it.
struct Found {
  const bson_t* document;
};

enum class Next { more, enough };

// Calls `each` with every document found, until `each` has enough or returns an error.
base::Result<void> find(const Pool::Client& client, const Pool& pool, std::string_view collection, const bson_t* filter,
                        const FindOptions& options, const std::function<base::Result<Next>(Found)>& each);

}  // namespace message_service::mongodb
