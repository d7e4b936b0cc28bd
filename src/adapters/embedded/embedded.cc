#include "adapters/embedded/embedded.h"

#include <rocksdb/write_batch.h>

#include "adapters/embedded/database.h"
#include "adapters/embedded/dead_letters.h"
#include "adapters/embedded/event_publisher.h"
#include "adapters/embedded/group_commit_writer.h"
#include "adapters/embedded/message_store.h"
#include "adapters/embedded/readers.h"
#include "adapters/embedded/retention.h"
#include "adapters/embedded/store_reader.h"
#include "adapters/embedded/store_writers.h"
#include "adapters/embedded/version_register.h"

namespace message_service::embedded {

struct Embedded::Parts {
  Parts(std::unique_ptr<Database> opened, const Options& options)
      : damage(options.damage),
        database(std::move(opened)),
        log_writer(*database, options),
        log_reader(*database),
        batch_committer(*database, *options.damage),
        store_writer(*database),
        store_reader(*database, *options.damage),
        event_source(*database, *options.damage),
        message_store(*database, *options.damage),
        event_publisher(*database),
        open_dead_letters(*database, *options.damage),
        dead_letters(*database, *options.damage),
        versions(database->folder()),
        retention(*database, event_source, options) {}

  std::shared_ptr<Damage> damage;
  std::unique_ptr<Database> database;
  GroupCommitWriter log_writer;
  EmbeddedLogReader log_reader;
  EmbeddedBatchCommitter batch_committer;
  EmbeddedStoreWriter store_writer;
  EmbeddedStoreReader store_reader;
  EmbeddedEventSource event_source;
  EmbeddedMessageStore message_store;
  EmbeddedEventPublisher event_publisher;
  EmbeddedOpenDeadLetters open_dead_letters;
  EmbeddedDeadLetters dead_letters;
  EmbeddedVersionRegister versions;
  Retention retention;
};

base::Result<std::unique_ptr<Embedded>> Embedded::open(const Options& options) {
  auto database = Database::open(options.data_directory, options.log_segment_bytes, options.reads_records);
  if (!database) return database.error();
  return std::unique_ptr<Embedded>(new Embedded(std::make_unique<Parts>(std::move(*database), options)));
}

Embedded::Embedded(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Embedded::~Embedded() = default;

LogWriter& Embedded::log_writer() { return parts_->log_writer; }
LogReader& Embedded::log_reader() { return parts_->log_reader; }
BatchCommitter& Embedded::batch_committer() { return parts_->batch_committer; }
StoreWriter& Embedded::store_writer() { return parts_->store_writer; }
StoreReader& Embedded::store_reader() { return parts_->store_reader; }
EventSource& Embedded::event_source() { return parts_->event_source; }
OpenDeadLetterReader& Embedded::open_dead_letters() { return parts_->open_dead_letters; }
DeadLetterReader& Embedded::dead_letters() { return parts_->dead_letters; }
VersionRegister& Embedded::versions() { return parts_->versions; }
base::Result<Embedded::LogShape> Embedded::log_shape() {
  Database& database = *parts_->database;
  auto id = database.get(Table::meta, kLogId);
  if (!id) return id.error();
  if (!*id) {
    *id = make_uuid_v7(base::wall_now());
    rocksdb::WriteBatch batch;
    batch.Put(database.table(Table::meta), std::string(kLogId), **id);
    if (auto written = database.write(batch, Database::Durability::now); !written) return written.error();
  }
  return LogShape{.log_id = std::move(**id), .end_offset = database.log_end().next()};
}

MessageStore& Embedded::message_store() { return parts_->message_store; }
EventPublisher& Embedded::event_publisher() { return parts_->event_publisher; }
std::size_t Embedded::drop_caches() { return parts_->database->drop_caches(); }
bool Embedded::healthy() const { return parts_->database->healthy(); }

}  // namespace message_service::embedded
