#include "adapters/mongodb/mongodb.h"

#include "adapters/mongodb/bson.h"
#include "adapters/mongodb/epochs.h"
#include "adapters/mongodb/mongo_store.h"
#include "adapters/mongodb/pool.h"
#include "adapters/mongodb/schema.h"
#include "adapters/mongodb/store_reader.h"
#include "adapters/mongodb/stored_places.h"
#include "adapters/mongodb/version_register.h"

namespace message_service::mongodb {

struct MongoDb::Parts {
  Parts(std::unique_ptr<Pool> opened, const Options& options)
      : pool(std::move(opened)),
        format(*pool, options),
        epochs(*pool, options),
        schema(*pool, format, epochs, options),
        store(*pool, epochs, schema, options),
        history(*pool, format),
        store_reader(*pool, history, options),
        stored_places(*pool, history, options) {}

  std::unique_ptr<Pool> pool;
  FormatDocument format;
  Epochs epochs;
  Schema schema;
  MongoStore store;
  History history;
  MongoStoreReader store_reader;
  MongoStoredPlaces stored_places;
  std::unique_ptr<MongoVersionRegister> versions;
};

base::Result<std::unique_ptr<MongoDb>> MongoDb::connect(const Options& options) {
  auto pool = Pool::open(options);
  if (!pool) return pool.error();
  auto versions = MongoVersionRegister::open(options);
  if (!versions) return versions.error();
  auto parts = std::make_unique<Parts>(std::move(*pool), options);
  parts->versions = std::move(*versions);
  return std::unique_ptr<MongoDb>(new MongoDb(std::move(parts)));
}

MongoDb::MongoDb(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
MongoDb::~MongoDb() = default;

base::Result<void> MongoDb::prepare() { return parts_->schema.prepare(); }
base::Result<void> MongoDb::drop() {
  auto client = parts_->pool->take();
  if (!client) return client.error();
  bson_error_t error{};
  const Document command([](Writer& out) { out.small_number("dropDatabase", 1); });
  if (!mongoc_client_command_simple(client->get(), parts_->pool->database(), command.get(), nullptr, nullptr, &error)) {
    return unavailable("drop the database", error);
  }
  return {};
}

Store& MongoDb::store() { return parts_->store; }
StoreReader& MongoDb::store_reader() { return parts_->store_reader; }
VersionRegister& MongoDb::versions() { return *parts_->versions; }
StoredPlaces& MongoDb::stored_places() { return parts_->stored_places; }
std::string MongoDb::problem() const {
  return parts_->pool->has_primary() ? parts_->pool->setup_needed() : "MongoDB takes no writes now";
}

}  // namespace message_service::mongodb
