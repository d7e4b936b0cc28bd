#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/load_settings.h"
#include "cli/service_options.h"
#include "service/dead_letter_client.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::cli {

namespace {

constexpr std::size_t kOrderMax = 100;
constexpr auto kLook = std::chrono::milliseconds(200);

struct DeadOptions {
  SettingsOptions settings;
  service::NamedService named;
  std::vector<std::string> ids;
  std::string conversation;
  std::string reason;
  bool all = false;
  bool json = false;
  unsigned timeout_s = 60;

  bool selects() const { return all || !ids.empty() || !conversation.empty() || !reason.empty(); }
};

using Letters = std::vector<OpenDeadLetter>;

// Whether the letter is one of the named ids, and fits every other choice.
bool is_chosen(const OpenDeadLetter& letter, const DeadOptions& options) {
  if (!options.ids.empty() && std::ranges::find(options.ids, to_text(letter.origin)) == options.ids.end()) return false;
  if (!options.conversation.empty() && letter.conversation_id != options.conversation) return false;
  return options.reason.empty() || to_text(letter.reason) == options.reason;
}

base::Result<Letters> chosen(service::DeadLetterClient& client, const DeadOptions& options) {
  auto letters = client.list();
  if (letters) std::erase_if(*letters, [&](const OpenDeadLetter& letter) { return !is_chosen(letter, options); });
  return letters;
}

// Names the ids that are not among the letters; then the command does nothing.
bool all_found(const Letters& letters, const DeadOptions& options) {
  bool found = true;
  for (const std::string& id : options.ids) {
    if (std::ranges::any_of(letters, [&](const OpenDeadLetter& letter) { return to_text(letter.origin) == id; }))
      continue;
    std::fprintf(stderr, "%s is not an open dead letter\n", id.c_str());
    found = false;
  }
  return found;
}

std::vector<DeadLetterKey> keys_of(const Letters& letters) {
  std::vector<DeadLetterKey> keys;
  for (const OpenDeadLetter& letter : letters) keys.push_back(letter.key());
  return keys;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : base::printable(text); }

int list(service::DeadLetterClient& client, const DeadOptions& options) {
  const auto letters = chosen(client, options);
  if (!letters) return failed(letters.error());
  for (const OpenDeadLetter& letter : *letters) {
    if (options.json) {
      std::puts(wire::open_dead_letter_json(letter).c_str());
      continue;
    }
    std::printf("%-10s  %-20s  attempts %d  %s  %s  %s  %s\n", to_text(letter.origin).c_str(),
                std::string(to_text(letter.reason)).c_str(), letter.attempts,
                base::format_timestamp(letter.failed_at).c_str(), or_dash(letter.conversation_id).c_str(),
                or_dash(letter.temporary_message_id).c_str(), base::printable(letter.error).c_str());
  }
  if (!options.json) std::printf("%zu open\n", letters->size());
  return 0;
}

int show(service::DeadLetterClient& client, const DeadOptions& options) {
  const auto letters = chosen(client, options);
  if (!letters) return failed(letters.error());
  if (!all_found(*letters, options)) return 1;
  const auto records = client.show(keys_of(*letters));
  if (!records) return failed(records.error());
  for (const std::string& record : *records) std::puts(record.c_str());
  return records->size() == letters->size() ? 0 : 1;
}

// Prints the result of each letter, as it becomes known.
class Results {
 public:
  explicit Results(bool json) : json_(json) {}

  void add(Position origin, std::string_view result, const std::string& detail = {}) {
    ++counts_[std::string(result)];
    if (json_) {
      std::string line;
      base::JsonObjectWriter(line)
          .string("id", to_text(origin))
          .string("result", result)
          .string("detail", detail)
          .close();
      std::puts(line.c_str());
    } else {
      std::printf("%-10s  %s%s%s\n", to_text(origin).c_str(), std::string(result).c_str(), detail.empty() ? "" : ": ",
                  detail.c_str());
    }
    std::fflush(stdout);
  }

  // 0 when every result is the wished one.
  int close(std::string_view wished) const {
    std::string text;
    for (const auto& [result, count] : counts_) {
      text.append(text.empty() ? "" : ", ").append(std::to_string(count)).append(" ").append(result);
    }
    std::fprintf(stderr, "%s\n", text.empty() ? "no open dead letter is chosen" : text.c_str());
    return std::ranges::all_of(counts_, [&](const auto& one) { return one.first == wished; }) ? 0 : 1;
  }

 private:
  const bool json_;
  std::map<std::string, std::size_t> counts_;
};

// Gives the orders, and follows each until it takes effect.
class Orders {
 public:
  enum class Kind { retry, discard };

  Orders(service::DeadLetterClient& client, Kind kind, const DeadOptions& options)
      : client_(client),
        kind_(kind),
        deadline_(base::SteadyClock::now() + std::chrono::seconds(options.timeout_s)),
        results_(options.json) {}

  base::Result<void> give(const Letters& letters) {
    for (std::size_t i = 0; i < letters.size(); i += kOrderMax) {
      const std::size_t end = std::min(i + kOrderMax, letters.size());
      const Letters some(letters.begin() + static_cast<std::ptrdiff_t>(i),
                         letters.begin() + static_cast<std::ptrdiff_t>(end));
      if (auto given = give_some(some); !given) return given;
      std::fprintf(stderr, "%zu of %zu\n", end, letters.size());
    }
    return {};
  }

  bool out_of_time() const { return base::SteadyClock::now() >= deadline_; }
  int close() const { return results_.close(done()); }

 private:
  std::string_view done() const { return kind_ == Kind::retry ? "stored" : "discarded"; }

  base::Result<void> give_some(const Letters& letters) {
    const auto placed = kind_ == Kind::retry ? client_.retry(keys_of(letters)) : client_.discard(keys_of(letters));
    if (!placed) return placed.error();
    std::map<Position, Position> waiting;  // of a letter -> its order in the log
    for (const auto& one : *placed) {
      if (one.position) {
        waiting.emplace(one.origin, *one.position);
      } else {
        results_.add(one.origin, "not done", one.error);
      }
    }
    std::map<Position, Position> last_before;
    for (const OpenDeadLetter& letter : letters) last_before.emplace(letter.origin, letter.last);
    return client_.takes_effect_now() ? follow(std::move(waiting), last_before) : leave(waiting);
  }

  base::Result<void> leave(const std::map<Position, Position>& waiting) {
    for (const auto& [origin, position] : waiting) results_.add(origin, "waits in the log", "no service runs");
    return {};
  }

  // A letter that is not open any more was stored, or discarded. A letter that failed again has another last position
  // than before, perhaps in another partition.
  base::Result<void> follow(std::map<Position, Position> waiting, const std::map<Position, Position>& last_before) {
    while (!waiting.empty()) {
      const auto letters = client_.list();
      if (!letters) return letters.error();
      std::map<Position, const OpenDeadLetter*> open;
      for (const OpenDeadLetter& letter : *letters) open.emplace(letter.origin, &letter);
      for (auto at = waiting.begin(); at != waiting.end();) {
        const auto letter = open.find(at->first);
        const bool closed = letter == open.end();
        if (!closed && letter->second->last == last_before.at(at->first)) {
          ++at;
          continue;
        }
        closed ? results_.add(at->first, done()) : report_failed(*letter->second);
        at = waiting.erase(at);
      }
      if (waiting.empty()) break;
      if (out_of_time()) return give_up(waiting);
      std::this_thread::sleep_for(kLook);
    }
    return {};
  }

  void report_failed(const OpenDeadLetter& letter) {
    results_.add(letter.origin, letter.reason == DeadReason::parked ? "parked" : "failed again",
                 std::string(to_text(letter.reason)) + ": " + letter.error);
  }

  base::Result<void> give_up(const std::map<Position, Position>& waiting) {
    for (const auto& [origin, position] : waiting) {
      results_.add(origin, "not known", "the service has not come to it yet; its order lies at " + to_text(position));
    }
    return {};
  }

  service::DeadLetterClient& client_;
  const Kind kind_;
  const base::SteadyTime deadline_;
  Results results_;
};

// Messages that arrive meanwhile are parked after the letters that are retried, so a choice that is not by ids goes on
// until no new letter is open.
int order(service::DeadLetterClient& client, Orders::Kind kind, const DeadOptions& options) {
  Orders orders(client, kind, options);
  std::set<DeadLetterKey> done;
  while (true) {
    auto letters = chosen(client, options);
    if (!letters) return failed(letters.error());
    if (done.empty() && !all_found(*letters, options)) return 1;
    std::erase_if(*letters, [&](const OpenDeadLetter& letter) { return done.contains(letter.key()); });
    if (letters->empty()) break;
    if (auto given = orders.give(*letters); !given) return failed(given.error());
    for (const OpenDeadLetter& letter : *letters) done.insert(letter.key());
    if (!options.ids.empty() || kind == Orders::Kind::discard || !client.takes_effect_now() || orders.out_of_time()) {
      break;
    }
  }
  return orders.close();
}

bool is_well_formed(const DeadOptions& options, bool must_select) {
  bool good = true;
  for (const std::string& id : options.ids) {
    if (parse_position(id)) continue;
    std::fprintf(stderr, "'%s' is not the id of a dead letter, such as 0/17\n", id.c_str());
    good = false;
  }
  if (must_select && !options.selects()) {
    std::fputs("Name ids such as 0/17, or choose with --conversation, --reason or --all\n", stderr);
    good = false;
  }
  return good;
}

using Action = int (*)(service::DeadLetterClient&, const DeadOptions&);

CLI::App* add_action(CLI::App& dead, const char* name, const char* text, bool must_select, Action action,
                     Outcome& outcome) {
  auto options = std::make_shared<DeadOptions>();
  CLI::App* command = dead.add_subcommand(name, text);
  command->add_option("ids", options->ids, "Letters by partition and offset of the first record, such as 0/17");
  add_settings_options(*command, options->settings);
  add_service_options(*command, options->named);
  command->add_option("--conversation", options->conversation, "Only those of this conversation");
  std::vector<std::string> reasons;
  for (const DeadReason reason : kDeadReasons) {
    if (reason != DeadReason::discarded) reasons.emplace_back(to_text(reason));
  }
  command->add_option("--reason", options->reason, "Only those that are dead for this reason")
      ->check(CLI::IsMember(reasons));
  if (must_select) command->add_flag("--all", options->all, "All that are open");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->add_option("--timeout", options->timeout_s, "Seconds to wait for orders to take effect")
      ->capture_default_str();
  command->callback([command, options, must_select, action, &outcome] {
    // A word that is no id is a setting, which checked_settings() reads and checks.
    const auto settings = checked_settings(*command, options->settings);
    if (!settings || !is_well_formed(*options, must_select)) {
      outcome.exit_code = 2;
      return;
    }
    auto client = service::DeadLetterClient::open(*settings, options->named);
    outcome.exit_code = client ? action(**client, *options) : failed(client.error());
  });
  return command;
}

}  // namespace

void add_dead_command(CLI::App& program, Outcome& outcome) {
  CLI::App* dead = program.add_subcommand("dead", "Records that could not be stored: the dead-letter queue");
  dead->require_subcommand(1);
  add_action(*dead, "list", "Show which are open, oldest first", false, list, outcome);
  add_action(*dead, "show", "Show the records themselves, one JSON object a line", true, show, outcome);
  add_action(
      *dead, "retry", "Try to store them again, in their order, and tell what became of each", true,
      [](service::DeadLetterClient& client, const DeadOptions& options) {
        return order(client, Orders::Kind::retry, options);
      },
      outcome);
  add_action(
      *dead, "discard", "Give them up: they stay in the topic, and hold up nobody any more", true,
      [](service::DeadLetterClient& client, const DeadOptions& options) {
        return order(client, Orders::Kind::discard, options);
      },
      outcome);
}

}  // namespace message_service::cli
