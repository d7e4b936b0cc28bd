// The version document of a database (collection format), like the file FORMAT of a data folder. It holds the form of
// the documents, and the highest version of records that the nodes were ever allowed to write. Private to the adapter.
//
// The first program that looks for the document makes it. A database without one has format 1, the form of the program
// that first made this document. Each call blocks for a majority of the servers, so that no old primary answers for a
// new one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/mongodb/commands.h"

namespace message_service::mongodb {

inline constexpr int kFormat = 1;

struct Format {
  int format = kFormat;
  int records = 1;
  std::int64_t arrivals = 0;  // of nodes: a raise of `records` makes sure that no node has arrived meanwhile
  std::string made_by;
};

class FormatDocument {
 public:
  FormatDocument(Pool& pool, const Options& options) : pool_(pool), options_(options) {}

  base::Result<Format> read_or_make(const Pool::Client& client);
  base::Result<Format> count_arrival(const Pool::Client& client);

  // Nothing when a node has arrived since `seen`.
  base::Result<std::optional<Format>> raise_records(const Pool::Client& client, const Format& seen, int records);

  // Makes no document; nothing when there is none.
  base::Result<std::optional<Format>> look(const Pool::Client& client);

 private:
  base::Result<std::optional<Format>> modify(const Pool::Client& client, const bson_t* command);

  Pool& pool_;
  const Options options_;
};

// `invalid`: only a newer program may work on the database.
base::Result<void> check(const Format& format, const std::string& database, int reads);

}  // namespace message_service::mongodb
