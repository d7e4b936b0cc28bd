#include "config/load.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/ascii.h"
#include "config/aspnet.h"
#include "config/schema.h"
#include "config/sources.h"

namespace message_service::config {

namespace {

constexpr std::string_view from_default = "default";

bool under(std::string_view key, std::string_view prefix) {
  return key.size() > prefix.size() && base::equals_ignoring_case(key.substr(0, prefix.size()), prefix);
}

// "KafkaSettings:Client:*" -> "KafkaSettings:Client:".
std::string_view map_prefix(const Entry& entry) { return std::string_view(entry.key).substr(0, entry.key.size() - 1); }

std::string shown(const Given& given) {
  constexpr std::size_t shown_bytes_max = 100;
  switch (given.kind) {
    case Given::Kind::text: {
      const std::string text = mask_credentials(given.text);
      return '"' + (text.size() > shown_bytes_max ? text.substr(0, shown_bytes_max) + "…" : text) + '"';
    }
    case Given::Kind::list:
      return "[" + mask_credentials(join(given.items, ", ")).substr(0, shown_bytes_max) + "]";
    case Given::Kind::broken_list:
      return "a list of other things than texts";
    default:
      return given.text;
  }
}

class Loader {
 public:
  void apply(Source source) {
    std::move(source.mistakes.begin(), source.mistakes.end(), std::back_inserter(mistakes_));
    std::move(source.notices.begin(), source.notices.end(), std::back_inserter(notices_));
    list_items_.clear();
    for (const Assignment& assignment : source.assignments) apply(source.name, assignment);
    for (const auto& [entry, items] : list_items_) apply_items(source.name, *entry, items);
  }

  Loaded finish() && {
    for (const Contradiction& found : contradictions(settings_)) report(found);
    std::vector<Option> options = describe();
    if (mistakes_.empty()) derive(settings_);
    return {std::move(settings_), std::move(mistakes_), std::move(notices_), std::move(options)};
  }

 private:
  using ListItems = std::map<std::size_t, std::string>;

  void apply(const std::string& source, const Assignment& assignment) {
    for (const Entry& entry : schema()) {
      if (entry.kind == Entry::Kind::map) {
        if (under(assignment.key, map_prefix(entry))) return set_named(source, entry, assignment);
      } else if (base::equals_ignoring_case(assignment.key, entry.key)) {
        return set(source, entry, assignment.given);
      } else if (entry.kind == Entry::Kind::list && under(assignment.key, entry.key + ":")) {
        if (collect_item(entry, assignment)) return;
      }
    }
    apply_aspnet(source, assignment);
  }

  void apply_aspnet(const std::string& source, const Assignment& assignment) {
    const auto meaning = aspnet_meaning(assignment.key, assignment.given);
    if (!meaning) return report_unknown(source, assignment.key);
    if (const auto* translation = std::get_if<Translation>(&*meaning)) {
      apply(source, {translation->key, translation->given});
    } else if (const auto* unsupported = std::get_if<Unsupported>(&*meaning)) {
      mistakes_.push_back({source, assignment.key, unsupported->text});
    } else {
      notices_.push_back({source, assignment.key, std::get<Pointless>(*meaning).text});
    }
  }

  void set(const std::string& source, const Entry& entry, const Given& given) {
    if (const auto wrong = entry.set(settings_, given)) {
      mistakes_.push_back({source, entry.key, *wrong + ", but is " + shown(given)});
      broken_.insert(entry.key);
    } else {
      origins_[entry.key] = source;
    }
  }

  void set_named(const std::string& source, const Entry& entry, const Assignment& assignment) {
    const std::string name = base::to_lower(std::string_view(assignment.key).substr(map_prefix(entry).size()));
    const std::string key = std::string(map_prefix(entry)) + name;
    const Given::Kind kind = assignment.given.kind;
    if (kind == Given::Kind::null || kind == Given::Kind::list || kind == Given::Kind::broken_list) {
      mistakes_.push_back({source, key, "must be a text, a number, true or false, but is " + shown(assignment.given)});
    } else if (const auto fault = entry.map_rule.fault(name)) {
      mistakes_.push_back({source, key, *fault});
    } else {
      entry.map(settings_)[name] = assignment.given.text;
      origins_[key] = source;
    }
  }

  // "Limits:SenderTypes:0": ASP.NET's way to give one item of a list.
  bool collect_item(const Entry& entry, const Assignment& assignment) {
    constexpr std::size_t index_max = 999;
    const std::string_view digits = std::string_view(assignment.key).substr(entry.key.size() + 1);
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || end != digits.data() + digits.size() || index > index_max) return false;
    list_items_[&entry][index] = assignment.given.text;
    return true;
  }

  void apply_items(const std::string& source, const Entry& entry, const ListItems& items) {
    Given given{Given::Kind::list, {}, entry.list(settings_)};
    for (const auto& [index, item] : items) {
      if (index < given.items.size()) {
        given.items[index] = item;
      } else {
        given.items.push_back(item);
      }
    }
    set(source, entry, given);
  }

  void report_unknown(const std::string& source, const std::string& key) {
    std::vector<std::string> keys;
    for (const Entry& entry : schema()) {
      keys.push_back(entry.key);
      if (under(entry.key, key + ":")) {
        mistakes_.push_back({source, key, "is a section: it must be an object with keys such as " + entry.key});
        return;
      }
    }
    mistakes_.push_back({source, key, "is unknown; the nearest key is " + nearest(key, keys)});
  }

  void report(const Contradiction& found) {
    const auto is_broken = [this](const std::string& key) { return broken_.contains(key); };
    if (std::any_of(found.keys.begin(), found.keys.end(), is_broken)) return;
    std::string source(from_default);
    for (const std::string& key : found.keys) {
      if (source == from_default) source = origin_of(key);
    }
    mistakes_.push_back({source, found.keys.front(), found.text});
  }

  std::string origin_of(const std::string& key) const {
    const auto found = origins_.find(key);
    return found == origins_.end() ? std::string(from_default) : found->second;
  }

  std::vector<Option> describe() {
    const Settings defaults;
    std::vector<Option> options;
    for (const Entry& entry : schema()) {
      if (entry.kind == Entry::Kind::map) {
        describe_named(entry, options);
      } else {
        options.push_back({entry.key, entry.type, entry.show(settings_), origin_of(entry.key), entry.help,
                           entry.show(defaults), entry.bounds});
      }
    }
    return options;
  }

  void describe_named(const Entry& entry, std::vector<Option>& options) {
    options.push_back({entry.key, entry.type, "", std::string(from_default), entry.help, "", ""});
    for (const auto& [name, value] : entry.map(settings_)) {
      const std::string key = std::string(map_prefix(entry)) + name;
      options.push_back({key, entry.type, entry.map_rule.is_secret(name) ? "***" : mask_credentials(value),
                         origin_of(key), entry.map_rule.help, "", ""});
    }
  }

  Settings settings_;
  std::vector<Mistake> mistakes_;
  std::vector<Mistake> notices_;
  std::map<std::string, std::string> origins_;
  std::set<std::string> broken_;
  std::map<const Entry*, ListItems> list_items_;
};

}  // namespace

Loaded load(const LoadInput& input) {
  Loader loader;
  loader.apply(read_file(input.file));
  if (!input.file) loader.apply(read_environment_file(environment_name(input.environment)));
  loader.apply(read_environment(input.environment));
  loader.apply(read_flags(input.flags));
  return std::move(loader).finish();
}

std::vector<std::string> changed_keys(const Settings& before, const Settings& after) {
  std::vector<std::string> keys;
  for (const Entry& entry : schema()) {
    if (!entry.same(before, after)) keys.push_back(entry.key);
  }
  return keys;
}

}  // namespace message_service::config
