#include "service/staged_backends.h"

#include <mutex>
#include <utility>

#include "adapters/embedded/embedded.h"
#include "adapters/kafka/kafka.h"
#include "adapters/mongodb/mongodb.h"
#include "service/compared_log_reader.h"

namespace message_service::service {

namespace {

constexpr std::uint64_t kKafkaWorkers = 2;  // while one waits for the store, the other reads and parses

// The nodes register in the store the versions that they read. Persisters on Kafka also announce them to their group,
// which shows the persisters that do not know the store's register, and those that have a store of their own. The
// folder of an embedded log also says which versions it may hold.
class StagedVersions final : public VersionRegister {
 public:
  StagedVersions(VersionRegister& store, kafka::Kafka* kafka, VersionRegister* log_folder)
      : store_(store), kafka_(kafka), log_folder_(log_folder) {}

  base::Result<int> allowed() override { return store_.allowed(); }
  base::Result<int> sign_of_life(const NodeCard& node) override {
    auto allowed = store_.sign_of_life(node);
    if (!allowed || *allowed > node.reads) return allowed;
    if (auto kept = keep(*allowed); !kept) return kept.error();
    return allowed;
  }
  void leave(const std::string& node_id) override { store_.leave(node_id); }
  base::Result<std::vector<SeenNode>> nodes() override { return store_.nodes(); }
  base::Result<Allowance> allow(int version) override {
    if (kafka_ != nullptr) {
      auto older = kafka_->older_persister(version);
      if (!older) return older.error();
      if (*older) {
        const auto now = store_.allowed();
        if (!now) return now.error();
        return Allowance{.version = *now, .held_back_by = std::move(**older)};
      }
    }
    auto allowance = store_.allow(version);
    if (!allowance || allowance->version < version) return allowance;
    if (auto kept = keep(version); !kept) return kept.error();
    return allowance;
  }

 private:
  base::Result<void> keep(int version) {
    if (log_folder_ == nullptr) return {};
    if (auto kept = log_folder_->allow(version); !kept) return kept.error();
    return {};
  }

  VersionRegister& store_;
  kafka::Kafka* const kafka_;
  VersionRegister* const log_folder_;
};

class StagedBackends final : public Backends {
 public:
  base::Result<void> open(const config::Settings& settings, const Roles& roles, const Metrics& metrics);

  LogWriter& log_writer() override { return kafka_ ? kafka_->log_writer() : embedded_->log_writer(); }
  Store& store() override {
    if (mongodb_) return mongodb_->store();
    return embedded_->store_for_other_log();
  }
  StoreReader& store_reader() override { return mongodb_ ? mongodb_->store_reader() : embedded_->store_reader(); }
  EventLog& event_log() override { return kafka_ ? kafka_->event_log() : embedded_->event_log(); }
  std::string store_name() const override { return mongodb_ ? "MongoDB" : "the embedded store"; }
  bool owns_log() const override { return !kafka_; }
  std::size_t drop_caches() override { return embedded_ ? embedded_->drop_caches() : 0; }
  base::Result<Backup> create_backup(const BackupRequest& request, const std::stop_token& stop) override {
    return embedded_ ? embedded_->create_backup(request, stop) : Backends::create_backup(request, stop);
  }
  EventSource& event_source() override { return kafka_ ? *events_ : embedded_->event_source(); }
  VersionRegister& versions() override { return *versions_; }

  std::vector<LogReader*> log_readers() override {
    if (!kafka_) return {&embedded_->log_reader()};
    std::vector<LogReader*> readers;
    for (const auto& reader : kafka_readers_) readers.push_back(reader.get());
    return readers;
  }

  std::vector<Dependency> dependencies() const override;

 private:
  base::Result<void> compare_with_store();
  base::Result<std::unique_ptr<LogReader>> make_kafka_reader();
  base::Result<void> make_kafka_readers(std::uint64_t workers);
  base::Result<mongodb::LogShape> log_shape();

  // The configuration decides which of these exist; at least one is not embedded.
  std::unique_ptr<embedded::Embedded> embedded_;
  std::unique_ptr<kafka::Kafka> kafka_;
  std::unique_ptr<mongodb::MongoDb> mongodb_;

  std::shared_ptr<Damage> damage_;  // shared by all of them
  std::vector<std::unique_ptr<LogReader>> kafka_readers_;
  std::unique_ptr<EventSource> events_;
  std::unique_ptr<StagedVersions> versions_;
  bool stores_first_ = false;
  std::mutex compare_mutex_;  // persisters that compare at once do it in turn
  bool compared_ = false;     // or there is nothing to compare with
};

base::Result<void> StagedBackends::open(const config::Settings& settings, const Roles& roles, const Metrics& metrics) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const bool mongodb = settings.providers.message_store == config::MessageStore::mongodb;
  damage_ = std::make_shared<Damage>(metrics.unreadable);
  stores_first_ = settings.ingress.synchronous;
  if (!kafka || !mongodb) {
    embedded::Options options = settings.embedded;
    options.damage = damage_;
    auto opened = embedded::Embedded::open(options);
    if (!opened) return opened.error();
    embedded_ = std::move(*opened);
  }
  if (kafka) {
    kafka::Options options = settings.kafka;
    options.damage = damage_;
    auto connected = kafka::Kafka::connect(options);
    if (!connected) return connected.error();
    kafka_ = std::move(*connected);
  }
  if (mongodb) {
    mongodb::Options options = settings.mongodb;
    options.damage = damage_;
    options.connection_gauges = metrics.store_pool_connections;
    if (!stores_first_) options.log_shape = [this] { return log_shape(); };
    if (kafka_) options.log_identity = &kafka_->log_identity();
    auto connected = mongodb::MongoDb::connect(options);
    if (!connected) return connected.error();
    mongodb_ = std::move(*connected);
    // A MongoDB that is away now may return later: the log takes messages meanwhile.
    if (auto ready = mongodb_->prepare(); !ready && ready.error().code != base::ErrorCode::unavailable) return ready;
  }
  versions_ = std::make_unique<StagedVersions>(mongodb_ ? mongodb_->versions() : embedded_->versions(), kafka_.get(),
                                               mongodb_ && embedded_ ? &embedded_->versions() : nullptr);
  if (roles.persister && kafka_) {
    const std::uint64_t workers = settings.process.persisters;
    auto ready = compare_with_store();
    if (!ready && ready.error().code != base::ErrorCode::unavailable) return ready;
    if (auto made = make_kafka_readers(workers == 0 ? kKafkaWorkers : workers); !made) return made;
  }
  if (roles.hub && kafka_) {
    auto events = kafka_->make_event_source();
    if (!events) return events.error();
    events_ = std::move(*events);
  }
  return {};
}

base::Result<void> StagedBackends::compare_with_store() {
  const std::scoped_lock lock(compare_mutex_);
  if (compared_) return {};
  if (mongodb_) {
    if (std::string away = mongodb_->problem(); !away.empty()) {
      return base::Error{base::ErrorCode::unavailable, std::move(away)};
    }
    if (auto same = kafka_->compare_with(mongodb_->stored_places()); !same) return same;
  }
  compared_ = true;
  return {};
}

base::Result<std::unique_ptr<LogReader>> StagedBackends::make_kafka_reader() {
  if (auto ready = compare_with_store(); !ready) return ready.error();
  return kafka_->make_log_reader(mongodb_ ? &mongodb_->stored_places() : nullptr);
}

base::Result<void> StagedBackends::make_kafka_readers(std::uint64_t workers) {
  for (std::uint64_t i = 0; i < workers; ++i) {
    if (!compared_) {
      kafka_readers_.push_back(std::make_unique<ComparedLogReader>([this] { return make_kafka_reader(); }));
      continue;
    }
    auto reader = make_kafka_reader();
    if (!reader) return reader.error();
    kafka_readers_.push_back(std::move(*reader));
  }
  return {};
}

base::Result<mongodb::LogShape> StagedBackends::log_shape() {
  if (kafka_) {
    auto shape = kafka_->shape();
    if (!shape) return shape.error();
    const auto partitions = static_cast<std::int32_t>(shape->end_offsets.size());
    return mongodb::LogShape{std::move(shape->log_id), partitions, std::move(shape->end_offsets)};
  }
  auto shape = embedded_->log_shape();
  if (!shape) return shape.error();
  return mongodb::LogShape{std::move(shape->log_id), 1, {shape->end_offset}};
}

std::vector<Dependency> StagedBackends::dependencies() const {
  std::vector<Dependency> all;
  if (kafka_) {
    all.push_back({"log", [this] { return std::string(kafka_->healthy() ? "" : "no Kafka broker can be reached"); }});
  }
  if (mongodb_) {
    // A node that answers from the log works without its store: the messages that it accepts wait in the log.
    all.push_back({"store", [this] { return mongodb_->problem(); }, stores_first_});
  }
  if (embedded_) {
    all.push_back(
        {"data folder", [this] { return std::string(embedded_->healthy() ? "" : "the disk takes no writes"); }});
  }
  all.push_back(stored_data(damage_));
  return all;
}

}  // namespace

base::Result<std::unique_ptr<Backends>> open_staged_backends(const config::Settings& settings, const Roles& roles,
                                                             const Metrics& metrics) {
  auto backends = std::make_unique<StagedBackends>();
  if (auto opened = backends->open(settings, roles, metrics); !opened) return opened.error();
  return std::unique_ptr<Backends>(std::move(backends));
}

}  // namespace message_service::service
