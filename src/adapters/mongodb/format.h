// The version document of a database (collection format), like the file FORMAT of a data folder. It holds the form of
// the documents, the highest version of records that the nodes were ever allowed to write, and the id of the history
// that the sequences belong to. Private to the adapter.
//
// The first program that looks for the document makes it. A database without one has format 1, the form of the program
// that first made this document. Each call blocks for a majority of the servers, so that no old primary answers for a
// new one.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/mongodb/commands.h"
#include "base/clock.h"

namespace message_service::mongodb {

inline constexpr int kFormat = 1;
inline constexpr std::chrono::milliseconds kHistoryKnownFor{2000};
inline constexpr std::chrono::milliseconds kFailureKnownFor{250};

struct Format {
  int format = kFormat;
  int records = 1;
  std::int64_t arrivals = 0;  // of nodes: a raise of `records` makes sure that no node has arrived meanwhile
  std::string made_by;
  std::string history_id;  // empty until a program needs it: older programs made none
};

class FormatDocument {
 public:
  FormatDocument(Pool& pool, const Options& options) : pool_(pool), options_(options) {}

  base::Result<Format> read_or_make(const Pool::Client& client);
  base::Result<Format> count_arrival(const Pool::Client& client);

  // Nothing when a node has arrived since `seen`.
  base::Result<std::optional<Format>> raise_records(const Pool::Client& client, const Format& seen, int records);

  // Sets the id of the history in place of `seen`, which may be empty. Nothing when it was another one: of several
  // nodes that set it at once, one does.
  base::Result<std::optional<Format>> set_history(const Pool::Client& client, const std::string& seen,
                                                  const std::string& id);

  // Makes no document; nothing when there is none.
  base::Result<std::optional<Format>> look(const Pool::Client& client);

 private:
  base::Result<std::optional<Format>> modify(const Pool::Client& client, const bson_t* command);

  Pool& pool_;
  const Options options_;
};

// The id of the history that the sequences belong to, as this node knows it. One for each MongoDb; any thread.
class History {
 public:
  History(Pool& pool, FormatDocument& format) : pool_(pool), format_(format) {}

  // From memory for kHistoryKnownFor; then one caller blocks for the store, and the others get what is known. Made when
  // it is missing. An error is remembered for kFailureKnownFor.
  base::Result<std::string> id();

  // Blocks for the store. Of several nodes that begin one at once, one does.
  base::Result<std::string> begin_anew();

 private:
  base::Result<std::string> ask();
  base::Result<std::string> replace(const Pool::Client& client, const std::string& seen);
  base::Result<std::string> know(base::Result<std::string> answer);

  Pool& pool_;
  FormatDocument& format_;
  std::mutex mutex_;
  base::Result<std::string> known_;  // empty at first
  base::SteadyTime known_until_{};
  bool asking_ = false;      // somebody asks the store
  std::uint64_t begun_ = 0;  // histories, by this node
};

// `invalid`: only a newer program may work on the database.
base::Result<void> check(const Format& format, const std::string& database, int reads);

}  // namespace message_service::mongodb
