// Messages, conversations and rejected keys in MongoDB: Store and StoreReader on a replica set.
//
// A message's _id is derived from its key, so the primary index alone keeps every key once; `sequence` is made from the
// log position (epochs.h), so any replay gives the same document and no other unique index has to guard it. Everything
// is written with majority and journal and read with majority from the primary: a document that was read once stays.
//
// The service makes and destroys this object; the ports live as long as it does. Calls block, each for a bounded time:
// a call that the servers cannot complete in that time is `unavailable`, and the caller does right to make it again.
// Nodes that store from a log and nodes in synchronous mode must not run at the same time, nor nodes on two different
// logs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "observe/damage.h"
#include "observe/metrics.h"
#include "ports/log_identity.h"
#include "ports/store.h"
#include "ports/store_reader.h"
#include "ports/stored_places.h"
#include "ports/version_register.h"

namespace message_service::mongodb {

// The log of requested messages as it is now. The adapter asks for its shape before it stores from an unknown
// partition, and at prepare().
struct LogShape {
  // Names this log for ever and no other: a cluster's id with the topic's name, or the id of a data folder.
  std::string log_id;
  std::int32_t partitions = 0;
  // Of each partition, the offset after its last record. Empty when nobody knows the offsets; then a log that was
  // emptied and kept its id is not noticed.
  std::vector<std::int64_t> end_offsets;
};

struct Options {
  // These hold unless the connection string says otherwise, in MongoDB's own words (serverSelectionTimeoutMS, …).
  std::string connection_string = "mongodb://localhost:27017";
  std::size_t connections_max = 16;  // maxPoolSize; a call waits for a free one
  std::chrono::milliseconds wait_for_connection{5000};
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds server_selection_timeout{5000};
  std::chrono::milliseconds socket_timeout{20000};  // must be above write_timeout
  std::chrono::milliseconds heartbeat_interval{3000};

  std::string database_name = "message_service";
  std::chrono::milliseconds write_timeout{10000};  // for the majority's acknowledgement (wtimeout)
  std::chrono::milliseconds read_timeout{5000};    // maxTimeMS

  // A batch of at least this many messages is split, by conversation, over this many connections and threads.
  std::size_t writers = 2;
  std::size_t split_from_messages = 200;

  std::chrono::milliseconds strange_errors{20000};  // how long a message waits for an unknown error to pass

  // Needed to store from a log. Called from any thread; may block.
  std::function<base::Result<LogShape>()> log_shape;
  // For a log that may be made again under its name while it is read. Null: it may not. Outlives the store.
  LogIdentity* log_identity = nullptr;

  // The highest version of records that this program reads.
  int reads_records = kRecordVersion;

  std::optional<PoolConnections> connection_gauges;
  std::shared_ptr<Damage> damage = std::make_shared<Damage>();  // notified of documents that cannot be read
};

class MongoDb {
 public:
  // Checks the options and starts to watch the servers, which need not run yet. `invalid`: a wrong connection string.
  static base::Result<std::unique_ptr<MongoDb>> connect(const Options& options);

  MongoDb(const MongoDb&) = delete;
  MongoDb& operator=(const MongoDb&) = delete;
  ~MongoDb();

  // Makes the missing things that the store needs: indexes, and with `log_shape` the log's epoch. Writes call it, too,
  // until it has succeeded once; at the start it refuses early an unsuitable database (`invalid`: a standalone server
  // or a database of a newer program).
  base::Result<void> prepare();

  Store& store();
  StoreReader& store_reader();
  VersionRegister& versions();
  StoredPlaces& stored_places();

  // Deletes the database and all its data for good. For benchmarks on a database of their own.
  base::Result<void> drop();

  // Why nothing can be written now, as far as that is known; empty while all is well.
  std::string problem() const;

 private:
  struct Parts;
  explicit MongoDb(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::mongodb
