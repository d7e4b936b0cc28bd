#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/service_options.h"
#include "cli/verify_live.h"
#include "http/client/client.h"
#include "runtime/interrupt.h"
#include "verify/explain.h"
#include "verify/history_files.h"
#include "verify/store_listing.h"
#include "verify/temporary_file.h"

namespace message_service::cli {

namespace {

constexpr auto kAnswerTimeout = std::chrono::seconds(30);
constexpr auto kProgressInterval = std::chrono::seconds(2);
constexpr std::size_t kPageBytesMax = std::size_t{256} << 20;
constexpr int kBadInput = 2;

struct VerifyOptions {
  bool live = false;
  LiveOptions of_live;
  std::vector<std::string> files;
  std::string store;  // empty: not said
  std::string token;
  double wait = 5;
  std::size_t memory_mb = 512;
  std::string temporary_folder = std::filesystem::temp_directory_path();
  bool others_write = false;
  bool json = false;

  bool asks_service() const { return !store.empty() && store != "none"; }
};

// Lines to stderr from the second moment on.
class ProgressLines {
 public:
  void show(const verify::HistoryFiles::Progress& progress) {
    const base::SteadyTime now = base::SteadyClock::now();
    if (now < next_) return;
    next_ = now + kProgressInterval;
    std::fprintf(stderr, "%llu lines, %llu of %llu MB\n", static_cast<unsigned long long>(progress.lines),
                 static_cast<unsigned long long>(progress.bytes >> 20),
                 static_cast<unsigned long long>(progress.bytes_all >> 20));
  }

 private:
  base::SteadyTime next_ = base::SteadyClock::now() + kProgressInterval;
};

int bad_input(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.text.c_str());
  return kBadInput;
}

// A file without a name that holds what the store lists of the conversations.
base::Result<int> list_store(http::Client& client, const std::vector<std::string>& conversations,
                             const std::string& folder) {
  const int descriptor = verify::open_temporary_file(folder);
  if (descriptor < 0)
    return base::Error{base::ErrorCode::unavailable, folder + ": " + std::generic_category().message(errno)};
  if (auto written = verify::write_listing(client, conversations, descriptor); !written) {
    ::close(descriptor);
    return written.error();
  }
  return descriptor;
}

struct Judged {
  verify::Report report;
  std::vector<verify::ExplainedFault> faults;
};

base::Result<Judged> judge(verify::HistoryFiles& files, const VerifyOptions& options, http::Client* client) {
  verify::Checker checker({.others_write = options.others_write,
                           .memory_bytes = options.memory_mb << 20,
                           .folder = options.temporary_folder});
  ProgressLines lines;
  const auto watch = [&lines](const auto& progress) { lines.show(progress); };
  files.keep(options.files.size());
  if (auto read = files.read_into(checker, 0, watch); !read) return read.error();
  if (client != nullptr) {
    const auto listing = list_store(*client, checker.unlisted(), options.temporary_folder);
    if (!listing) return listing.error();
    const std::size_t first = files.size();
    if (auto added = files.add(options.store, *listing); !added) return added.error();
    if (auto read = files.read_into(checker, first, watch); !read) return read.error();
  }
  auto report = checker.finish();
  if (!report) return report.error();
  auto faults = explain(*report, files);
  if (!faults) return faults.error();
  return Judged{.report = std::move(*report), .faults = std::move(*faults)};
}

base::Result<std::unique_ptr<http::Client>> client_of(const VerifyOptions& options) {
  const auto target = http::resolve(options.store);
  if (!target) return base::Error{base::ErrorCode::invalid, "--store: " + target.error().text};
  auto client = std::make_unique<http::Client>(
      *target, kAnswerTimeout,
      http::ClientOptions{.body_bytes_max = kPageBytesMax, .ca_file = options.of_live.access.named.ca_file});
  if (!options.token.empty()) client->authorize(options.token);
  return client;
}

// What a running service has accepted may be on its way to its store: a fault counts once it has stayed so long.
base::Result<Judged> judge_after_wait(verify::HistoryFiles& files, const VerifyOptions& options, http::Client* client) {
  const base::SteadyTime end = base::SteadyClock::now() + std::chrono::duration_cast<base::SteadyClock::duration>(
                                                              std::chrono::duration<double>(options.wait));
  while (true) {
    auto judged = judge(files, options, client);
    if (!judged || client == nullptr || judged->report.faults_found() == 0 || base::SteadyClock::now() >= end) {
      return judged;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

int verify_files(const VerifyOptions& options) {
  verify::HistoryFiles files;
  for (const std::string& file : options.files) {
    if (auto added = files.add(std::filesystem::path(file)); !added) return bad_input(added.error());
  }
  std::unique_ptr<http::Client> client;
  if (options.asks_service()) {
    auto made = client_of(options);
    if (!made) return bad_input(made.error());
    client = std::move(*made);
  }
  const auto judged = judge_after_wait(files, options, client.get());
  if (!judged) return bad_input(judged.error());
  const verify::Report& report = judged->report;
  if (report.counts.unlisted > 0 && options.store.empty()) {
    std::fprintf(stderr,
                 "%llu conversations have no listing, so nothing tells what is stored: name the service by --store, or "
                 "--store none\n",
                 static_cast<unsigned long long>(report.counts.unlisted));
    return kBadInput;
  }
  std::puts((options.json ? report_json(report, judged->faults) : report_text(report, judged->faults)).c_str());
  return report.faults_found() == 0 ? 0 : 1;
}

int run(const VerifyOptions& options) {
  if (options.live) {
    LiveOptions live = options.of_live;
    live.access.token = options.token;
    live.json = options.json;
    return verify_live(live);
  }
  if (!options.files.empty()) return verify_files(options);
  std::fputs("Name the files of a recorded history, or --live\n", stderr);
  return kBadInput;
}

}  // namespace

void add_verify_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = program.add_subcommand(
      "verify",
      "Check what clients recorded against what is stored; exit code 1 when a message is lost, doubled, "
      "altered or out of order");
  CLI::Option* files = command->add_option("files", options->files, "Recorded histories (docs/verify.md)");
  command->add_flag("--live", options->live, "Follow what a running node finds in its clients' views, until Ctrl-C")
      ->excludes(files);
  command->add_option("--url", options->of_live.access.named.url, "With --live: the node")->capture_default_str();
  add_ca_file_option(*command, options->of_live.access.named);
  command->add_flag("--until-fault", options->of_live.until_fault, "With --live: end at the first mismatch");
  command
      ->add_option("--data-directory", options->of_live.access.data_directory,
                   "With --live: of the node, whose own token serves too")
      ->capture_default_str();
  command->add_option("--store", options->store,
                      "URL of the service, asked for what the files do not list; or none: only the files count");
  command
      ->add_option("--token", options->token,
                   "Bearer token: may read the conversations from their beginning, or is an operator's with --live")
      ->envname("MESSAGE_SERVICE_TOKEN");
  command->add_option("--wait", options->wait, "A fault against a running service counts once it has stayed so long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command->add_flag("--others-write", options->others_write,
                    "A stored message that nobody recorded is somebody else's and no fault");
  command->add_option("--memory", options->memory_mb, "Holds about so much in memory, and the rest in files")
      ->type_name("MB")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  command->add_option("--temporary-folder", options->temporary_folder, "For what does not fit into memory")
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace message_service::cli
