#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "adapters/embedded/log_tail.h"
#include "app/commands.h"
#include "app/load_settings.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "wire/event_json.h"
#include "wire/json_writer.h"

namespace message_service::app {

namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(100);
constexpr std::size_t kRecordsMax = 1000;

struct TailOptions {
  SettingsOptions settings;
  std::string topic = "requested";
  bool from_beginning = false;
  bool once = false;
  bool json = false;
};

volatile std::sig_atomic_t interrupted = 0;
void interrupt(int /*signal*/) { interrupted = 1; }

std::string_view topic_name(std::string_view word) {
  if (word == "sent") return wire::kSentTopic;
  return word == "dead" ? wire::kDeadTopic : wire::kRequestedTopic;
}

// One object a line; a value that is not UTF-8 (another program's) cannot stand in JSON and is left out.
std::string as_json(const ConsumedRecord& consumed) {
  std::string headers;
  wire::ObjectWriter writer(headers);
  for (const Header& header : consumed.record.headers) writer.string(header.name, header.value);
  writer.close();
  std::string line;
  const LogRecord& record = consumed.record;
  wire::ObjectWriter(line)
      .number("partition", static_cast<std::uint64_t>(consumed.position.partition))
      .number("offset", static_cast<std::uint64_t>(consumed.position.offset))
      .string("timestamp", format_timestamp(record.timestamp))
      .string("key", is_valid_utf8(record.key) ? record.key : "")
      .raw("headers", headers)
      .string("value", is_valid_utf8(record.value) ? record.value : "")
      .close();
  return line;
}

std::string as_text(const ConsumedRecord& consumed) {
  std::string line = std::to_string(consumed.position.offset) + "  ";
  for (const Header& header : consumed.record.headers) {
    if (header.name == "reason" || header.name == "error") line.append(header.name + "=" + header.value + "  ");
  }
  return line.append(consumed.record.value);
}

int tail(const std::string& data_directory, const TailOptions& options) {
  auto follower = embedded::LogTail::open(data_directory, topic_name(options.topic), !options.from_beginning);
  if (!follower) {
    std::fprintf(stderr, "%s\n", follower.error().text.c_str());
    return 1;
  }
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  while (interrupted == 0) {
    const auto records = (*follower)->read(kRecordsMax);
    if (!records) {
      std::fprintf(stderr, "%s\n", records.error().text.c_str());
      return 1;
    }
    for (const ConsumedRecord& consumed : *records) {
      std::puts((options.json ? as_json(consumed) : as_text(consumed)).c_str());
    }
    if (std::fflush(stdout) != 0) return 0;  // nobody reads any more
    if (!records->empty()) continue;
    if (options.once) return 0;
    std::this_thread::sleep_for(kPollInterval);
  }
  return 0;
}

}  // namespace

void add_tail_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<TailOptions>();
  CLI::App* command = program.add_subcommand("tail", "Follow a topic of the log, also while the service runs");
  add_settings_options(*command, options->settings);
  command->add_option("topic", options->topic, "requested, sent or dead")
      ->check(CLI::IsMember({"requested", "sent", "dead"}))
      ->capture_default_str();
  command->add_flag("--from-beginning", options->from_beginning, "Begin with the oldest record that is still there");
  command->add_flag("--once", options->once, "End when there is nothing more to read");
  command->add_flag("--json", options->json, "One JSON object a record, with key, headers and time");
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    outcome.exit_code = settings ? tail(settings->providers.data_directory, *options) : 2;
  });
}

}  // namespace message_service::app
