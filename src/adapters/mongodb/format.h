// The version document of a database (collection format), as the file FORMAT is that of a data folder: the form of its
// documents, and the highest version of records that its nodes were ever allowed to write. Private to the adapter.
//
// Made by the first program that looks; a database without one has the form of the program that made this document
// first, format 1. Each call blocks for a majority of the servers, so that no old primary answers for a new one.
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
  std::int64_t arrivals = 0;  // of nodes: whoever raises `records` makes sure that none has come meanwhile
  std::string made_by;
};

class FormatDocument {
 public:
  FormatDocument(Pool& pool, const Options& options) : pool_(pool), options_(options) {}

  base::Result<Format> read_or_make(const Pool::Client& client);
  base::Result<Format> count_arrival(const Pool::Client& client);

  // Nothing when a node has arrived since `seen`.
  base::Result<std::optional<Format>> raise_records(const Pool::Client& client, const Format& seen, int records);

  // Makes nothing; nothing when there is none.
  base::Result<std::optional<Format>> look(const Pool::Client& client);

 private:
  base::Result<std::optional<Format>> modify(const Pool::Client& client, const bson_t* command);

  Pool& pool_;
  const Options options_;
};

// `invalid`: only a newer program may work on it.
base::Result<void> check(const Format& format, const std::string& database, int reads);

}  // namespace message_service::mongodb
