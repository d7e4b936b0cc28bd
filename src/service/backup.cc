#include "service/backup.h"

#include <memory>
#include <utility>

#include "adapters/embedded/backup/restore_backup.h"
#include "adapters/embedded/embedded.h"
#include "adapters/kafka/kafka.h"
#include "adapters/mongodb/mongodb.h"
#include "service/backends.h"
#include "service/running_service.h"

namespace message_service::service {

namespace {

constexpr auto kBackupTimeout = std::chrono::hours(6);  // a large store on a slow disk
const http::ClientOptions kAnswerOptions{.body_bytes_max = std::size_t{16} << 20};

base::Result<Backup> ask(http::Client& service, const BackupRequest& request) {
  const auto answer = service.post_json("/admin/backups", wire::backup_request_json(request));
  if (!answer) return answer.error();
  if (answer->status != 201) return refused_by_service(*answer);
  return wire::read_backup(answer->body);
}

}  // namespace

base::Result<Backup> create_backup(const config::Settings& settings, const NamedService& service,
                                   const BackupRequest& request) {
  if (!uses_data_folder(settings.providers)) return no_data_folder();
  const auto running = find_running_service(settings, service, kBackupTimeout, kAnswerOptions);
  if (!running) return running.error();
  if (running->client) return ask(*running->client, request);
  const auto own = embedded::Embedded::open(settings.embedded);
  if (own) return (*own)->create_backup(request);
  return own.error().code == base::ErrorCode::conflict ? silent_service(settings, running->why) : own.error();
}

base::Result<std::vector<Backup>> verify_backups(const std::filesystem::path& folder, std::uint32_t number) {
  return embedded::verify_backups(folder, number);
}

base::Result<Backup> restore_backup(const config::Settings& settings, const std::filesystem::path& folder,
                                    std::uint32_t number) {
  return embedded::restore_backup(folder, number, settings.embedded.data_directory);
}

base::Result<void> declare_restored(const config::Settings& settings) {
  if (settings.providers.message_store != config::MessageStore::mongodb) {
    return base::Error{base::ErrorCode::refused,
                       "the store is a data folder, and `backup restore` has said so already"};
  }
  auto store = mongodb::MongoDb::connect(settings.mongodb);
  if (!store) return store.error();
  if (auto ready = (*store)->prepare(); !ready) return ready;
  if (auto begun = (*store)->stored_places().begin_new_history(); !begun) return begun;
  if (settings.providers.event_log != config::EventLog::kafka) return {};
  auto log = kafka::Kafka::connect(settings.kafka);
  if (!log) return log.error();
  return (*log)->compare_with((*store)->stored_places(), kafka::Loss::accepted);
}

}  // namespace message_service::service
