#include "service/backup.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>

#include "cli/commands.h"
#include "cli/load_settings.h"
#include "cli/service_options.h"
#include "wire/backup_json.h"

namespace message_service::cli {

namespace {

struct BackupOptions {
  SettingsOptions settings;
  service::NamedService named;
  std::string folder;
  std::uint32_t number = 0;
  BackupRequest wanted;
  bool json = false;
};

// One line each, with --json and without.
void print(const Backup& backup, std::string_view what, bool json) {
  if (json) {
    std::puts(wire::backup_json(backup).c_str());
    return;
  }
  const std::uint64_t bytes = std::accumulate(backup.log.begin(), backup.log.end(), std::uint64_t{0},
                                              [](std::uint64_t sum, const auto& file) { return sum + file.bytes; });
  std::printf("%s backup %u of %s: the log up to offset %lld (%zu files, %llu KiB), and the store\n",
              std::string(what).c_str(), backup.number, base::format_timestamp(backup.created_at).c_str(),
              static_cast<long long>(backup.log_end), backup.log.size(), static_cast<unsigned long long>(bytes >> 10));
}

int create(const config::Settings& settings, const BackupOptions& options) {
  // The service has another working directory.
  BackupRequest request = options.wanted;
  std::error_code error;
  request.directory = std::filesystem::absolute(options.folder, error).lexically_normal().string();
  if (error) return failed({base::ErrorCode::invalid, "the current folder: " + error.message()});
  const auto backup = service::create_backup(settings, options.named, request);
  if (!backup) return failed(backup.error());
  print(*backup, "Made", options.json);
  if (!backup->warning.empty()) std::fprintf(stderr, "%s\n", backup->warning.c_str());
  return 0;
}

int verify(const BackupOptions& options) {
  const auto backups = service::verify_backups(options.folder, options.number);
  if (!backups) return failed(backups.error());
  for (const Backup& backup : *backups) print(backup, "Sound:", options.json);
  return 0;
}

int restore(const config::Settings& settings, const BackupOptions& options) {
  const auto backup = service::restore_backup(settings, options.folder, options.number);
  if (!backup) return failed(backup.error());
  print(*backup, "Restored", options.json);
  return 0;
}

int declare(const config::Settings& settings) {
  const auto declared = service::declare_restored(settings);
  if (!declared) return failed(declared.error());
  std::puts("A new history begins. Start the nodes: they store again what Kafka has and the database lacks.");
  return 0;
}

void add_common(CLI::App& command, BackupOptions& options) {
  command.add_option("folder", options.folder, "The folder of backups")->required();
  command.add_flag("--json", options.json, "For machines: one object a line");
}

}  // namespace

void add_backup_command(CLI::App& program, Outcome& outcome) {
  CLI::App* backup = program.add_subcommand("backup", "Back up, verify and restore a data folder");
  backup->require_subcommand(1);
  const auto options = std::make_shared<BackupOptions>();

  CLI::App* made = backup->add_subcommand(
      "create", "Add a backup to a folder, while the service runs; what the folder has already is not written again");
  add_settings_options(*made, options->settings);
  add_common(*made, *options);
  add_service_options(*made, options->named);
  made->add_option("--keep", options->wanted.keep, "Keep the newest so many in the folder; 0: all")
      ->capture_default_str();
  made->add_option("--mib-per-second", options->wanted.mib_per_second, "Copy at most so much, for the service's sake")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  made->callback([made, options, &outcome] {
    const auto settings = checked_settings(*made, options->settings);
    outcome.exit_code = settings ? create(*settings, *options) : 2;
  });

  CLI::App* verified = backup->add_subcommand("verify", "Compare every byte with its checksum");
  add_common(*verified, *options);
  verified->add_option("--backup", options->number, "Only the one of this number");
  verified->callback([options, &outcome] { outcome.exit_code = verify(*options); });

  CLI::App* restored = backup->add_subcommand(
      "restore", "Make the data folder of a backup (Providers:DataDirectory), which must be empty or missing");
  add_settings_options(*restored, options->settings);
  add_common(*restored, *options);
  restored->add_option("--backup", options->number, "The one of this number; the newest by default");
  restored->callback([restored, options, &outcome] {
    const auto settings = checked_settings(*restored, options->settings);
    outcome.exit_code = settings ? restore(*settings, *options) : 2;
  });

  CLI::App* declared = backup->add_subcommand(
      "restored",
      "Say that MongoDB was restored from a backup, where the service cannot notice it; with all nodes stopped");
  add_settings_options(*declared, options->settings);
  declared->callback([declared, options, &outcome] {
    const auto settings = checked_settings(*declared, options->settings);
    outcome.exit_code = settings ? declare(*settings) : 2;
  });
}

}  // namespace message_service::cli
