#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>

#include "base/json_object_writer.h"
#include "cli/commands.h"
#include "cli/load_settings.h"
#include "config/text.h"
#include "service/doctor/findings.h"

namespace message_service::cli {

namespace {

struct DoctorOptions {
  SettingsOptions settings;
  bool json = false;
};

const char* word(service::Verdict verdict) {
  switch (verdict) {
    case service::Verdict::well:
      return "ok";
    case service::Verdict::hint:
      return "hint";
    case service::Verdict::wrong:
      return "WRONG";
  }
  return "";
}

std::string as_text(const service::Finding& finding) {
  std::string line = std::string(word(finding.verdict)) + "  ";
  line.insert(line.size() - 2, std::string(5 - std::min<std::size_t>(5, line.size() - 2), ' '));
  line += finding.area + ": " + finding.text;
  return finding.advice.empty() ? line : line + ". " + finding.advice;
}

std::string as_json(const service::Findings& findings, bool well) {
  std::string list = "[";
  for (const service::Finding& finding : findings) {
    if (list.size() > 1) list.push_back(',');
    base::JsonObjectWriter(list)
        .string("area", finding.area)
        .string("verdict", finding.verdict == service::Verdict::wrong ? "wrong" : word(finding.verdict))
        .string("text", finding.text)
        .string("advice", finding.advice)
        .close();
  }
  list.push_back(']');
  std::string text;
  base::JsonObjectWriter(text).boolean("well", well).raw("findings", list).close();
  return text;
}

// The texts of servers and libraries may quote a connection string.
void append(service::Findings& all, service::Findings more) {
  for (service::Finding& finding : more) finding.text = config::mask_credentials(finding.text);
  std::ranges::move(more, std::back_inserter(all));
}

service::Findings examine(const config::Settings& settings) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const bool mongodb = settings.providers.message_store == config::MessageStore::mongodb;
  service::Findings all;
  append(all, service::check_configuration(settings));
  append(all, service::check_machine(settings));
  if (!kafka || !mongodb) append(all, service::check_data_folder(settings));
  if (kafka) append(all, service::check_kafka(settings));
  if (mongodb) append(all, service::check_mongodb(settings));
  return all;
}

int doctor(const config::Settings& settings, bool json) {
  const service::Findings findings = examine(settings);
  const bool well =
      std::ranges::none_of(findings, [](const service::Finding& f) { return f.verdict == service::Verdict::wrong; });
  if (json) {
    std::puts(as_json(findings, well).c_str());
  } else {
    for (const service::Finding& finding : findings) std::puts(as_text(finding).c_str());
  }
  return well ? 0 : 1;
}

}  // namespace

void add_doctor_command(CLI::App& program, Outcome& outcome) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = program.add_subcommand(
      "doctor", "Look at configuration, machine, Kafka and MongoDB; exit code 1 when something is wrong");
  add_settings_options(*command, options->settings);
  command->add_flag("--json", options->json, "For machines");
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    outcome.exit_code = settings ? doctor(*settings, options->json) : 2;
  });
}

}  // namespace message_service::cli
