#include "service/open_files.h"

#include <sys/resource.h>

#include <algorithm>

#include "adapters/embedded/embedded.h"
#include "service/backends.h"
#include "telemetry/process_stats.h"

namespace message_service::service {

namespace {

// The files that each part may still open once the service has started.
constexpr std::uint64_t kLogFiles = 32;         // segments that are written, made, and read by followers
constexpr std::uint64_t kStoreWriteFiles = 32;  // tables that a flush and a compaction write, their logs and manifests
constexpr std::uint64_t kKafkaSockets = 64;     // a broker has up to two for each client of librdkafka's
constexpr std::uint64_t kMongoDbSockets = 64;   // the pool and its monitors, for each member of a replica set
constexpr std::uint64_t kOtherFiles = 32;       // look-ups of names, a burst of connections that are about to be closed
constexpr std::uint64_t kOpenAtStart = 128;     // before anything can be counted

std::uint64_t files_to_come(const config::Settings& settings) {
  std::uint64_t files = kOtherFiles;
  files += settings.providers.event_log == config::EventLog::kafka ? kKafkaSockets : kLogFiles;
  files += settings.providers.message_store == config::MessageStore::mongodb ? kMongoDbSockets : 0;
  if (uses_data_folder(settings.providers)) files += embedded::table_files_max() + kStoreWriteFiles;
  return files;
}

}  // namespace

OpenFilesLimit open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {.soft = limit.rlim_cur, .hard = limit.rlim_max};
}

std::uint64_t open_files_wanted(const config::Settings& settings) {
  return settings.server.connections_max + kOpenAtStart + files_to_come(settings);
}

std::string raise_open_files_limit(const config::Settings& settings) {
  const std::uint64_t wanted = open_files_wanted(settings);
  const OpenFilesLimit limit = open_files_limit();
  if (limit.soft < wanted) {
    const rlimit raised{.rlim_cur = std::min(wanted, limit.hard), .rlim_max = limit.hard};
    setrlimit(RLIMIT_NOFILE, &raised);
  }
  const std::uint64_t now = open_files_limit().soft;
  if (now >= wanted) return {};
  return "this process may open " + std::to_string(now) + " files, and Limits:Connections of " +
         std::to_string(settings.server.connections_max) + " needs " + std::to_string(wanted) +
         ": fewer connections are taken. Raise the hard limit (ulimit -Hn, or LimitNOFILE= of the unit) or lower " +
         "Limits:Connections";
}

std::size_t connections_with_descriptors(const config::Settings& settings) {
  const std::uint64_t limit = open_files_limit().soft;
  const std::uint64_t reserved = telemetry::read_process_stats().open_files + files_to_come(settings);
  return static_cast<std::size_t>(limit > reserved ? limit - reserved : 1);
}

}  // namespace message_service::service
