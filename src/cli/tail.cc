#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "adapters/embedded/log_tail.h"
#include "adapters/kafka/operators/topic_tail.h"
#include "base/clock.h"
#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/load_settings.h"
#include "runtime/interrupt.h"
#include "wire/event_json.h"

namespace message_service::cli {

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

// One topic, wherever the log is.
struct Followed {
  std::function<base::Result<std::vector<ConsumedRecord>>()> read;  // the records that have arrived; may wait a little
  std::function<bool()> caught_up;                                  // asked when no record has arrived
  bool several_partitions = false;
};

base::Result<Followed> follow_kafka(const config::Settings& settings, std::string_view topic, bool from_end) {
  auto opened = kafka::TopicTail::open(settings.kafka, topic, from_end);
  if (!opened) return opened.error();
  const std::shared_ptr<kafka::TopicTail> tail = std::move(*opened);
  return Followed{.read = [tail] { return tail->read(kRecordsMax, kPollInterval); },
                  .caught_up = [tail] { return tail->caught_up(); },
                  .several_partitions = tail->partitions() > 1};
}

base::Result<Followed> follow_embedded(const config::Settings& settings, std::string_view topic, bool from_end) {
  auto opened = embedded::LogTail::open(settings.embedded.data_directory, topic, from_end);
  if (!opened) return opened.error();
  const std::shared_ptr<embedded::LogTail> tail = std::move(*opened);
  const auto read = [tail]() -> base::Result<std::vector<ConsumedRecord>> {
    auto records = tail->read(kRecordsMax);
    if (records && records->empty()) std::this_thread::sleep_for(kPollInterval);
    return records;
  };
  return Followed{.read = read, .caught_up = [] { return true; }};
}

std::string_view topic_name(std::string_view word) {
  if (word == "sent") return wire::kSentTopic;
  return word == "dead" ? wire::kDeadTopic : wire::kRequestedTopic;
}

// One object a line. Leaves out texts of other programs that are not UTF-8, since JSON cannot hold them.
std::string as_json(const ConsumedRecord& consumed) {
  std::string headers;
  base::JsonObjectWriter writer(headers);
  for (const Header& header : consumed.record.headers) {
    if (base::is_valid_utf8(header.name) && base::is_valid_utf8(header.value)) writer.string(header.name, header.value);
  }
  writer.close();
  std::string line;
  const LogRecord& record = consumed.record;
  base::JsonObjectWriter(line)
      .number("partition", static_cast<std::uint64_t>(consumed.position.partition))
      .number("offset", static_cast<std::uint64_t>(consumed.position.offset))
      .time("timestamp", record.timestamp)
      .string("key", base::is_valid_utf8(record.key) ? record.key : "")
      .raw("headers", headers)
      .string("value", base::is_valid_utf8(record.value) ? record.value : "")
      .close();
  return line;
}

// "17  {…", or "3/17  {…" where the offset alone would not name the record.
std::string as_text(const ConsumedRecord& consumed, bool with_partition) {
  std::string line = with_partition ? std::to_string(consumed.position.partition) + "/" : "";
  line += std::to_string(consumed.position.offset) + "  ";
  for (const Header& header : consumed.record.headers) {
    if (header.name == "reason" || header.name == "error")
      line.append(header.name + "=" + base::printable(header.value) + "  ");
  }
  return line.append(base::printable(consumed.record.value));
}

int tail(const config::Settings& settings, const TailOptions& options) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const runtime::InterruptGuard guard;
  const auto followed =
      (kafka ? follow_kafka : follow_embedded)(settings, topic_name(options.topic), !options.from_beginning);
  if (!followed) return failed(followed.error());
  while (!runtime::interrupted()) {
    const auto records = followed->read();
    if (!records) return failed(records.error());
    for (const ConsumedRecord& consumed : *records) {
      std::puts((options.json ? as_json(consumed) : as_text(consumed, followed->several_partitions)).c_str());
    }
    if (std::fflush(stdout) != 0) return 0;  // nobody reads any more
    if (records->empty() && options.once && followed->caught_up()) return 0;
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
    outcome.exit_code = settings ? tail(*settings, *options) : 2;
  });
}

}  // namespace message_service::cli
