#include "service/embedded_backends.h"

#include "adapters/embedded/embedded.h"

namespace message_service::service {

namespace {

// Log and store in one database, where a batch is one atomic write.
class EmbeddedBackends final : public Backends {
 public:
  EmbeddedBackends(std::unique_ptr<embedded::Embedded> opened, std::shared_ptr<Damage> damage)
      : embedded_(std::move(opened)), damage_(std::move(damage)) {}

  LogWriter& log_writer() override { return embedded_->log_writer(); }
  Store& store() override { return embedded_->store(); }
  StoreReader& store_reader() override { return embedded_->store_reader(); }
  EventLog& event_log() override { return embedded_->event_log(); }
  std::vector<LogReader*> log_readers() override { return {&embedded_->log_reader()}; }
  std::string store_name() const override { return "the embedded store"; }
  bool owns_log() const override { return true; }
  std::size_t drop_caches() override { return embedded_->drop_caches(); }
  base::Result<Backup> create_backup(const BackupRequest& request, const std::stop_token& stop) override {
    return embedded_->create_backup(request, stop);
  }
  EventSource& event_source() override { return embedded_->event_source(); }
  VersionRegister& versions() override { return embedded_->versions(); }
  std::vector<Dependency> dependencies() const override {
    return {{"log and store", [this] { return std::string(embedded_->healthy() ? "" : "the disk takes no writes"); }},
            stored_data(damage_)};
  }

 private:
  std::unique_ptr<embedded::Embedded> embedded_;
  std::shared_ptr<Damage> damage_;
};

}  // namespace

base::Result<std::unique_ptr<Backends>> open_embedded_backends(const config::Settings& settings,
                                                               const Metrics& metrics) {
  embedded::Options options = settings.embedded;
  options.damage = std::make_shared<Damage>(metrics.unreadable);
  auto opened = embedded::Embedded::open(options);
  if (!opened) return opened.error();
  return std::unique_ptr<Backends>(new EmbeddedBackends(std::move(*opened), options.damage));
}

}  // namespace message_service::service
