// One declared option, and the makers for each kind of option. Used by the schema and the loader only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "config/text.h"

namespace message_service::config {

using NamedTexts = std::map<std::string, std::string>;

// A value as a source gave it. Environment and flags know only texts.
struct Given {
  enum class Kind { text, number, boolean, null, list, broken_list };
  Kind kind = Kind::text;
  std::string text;
  std::vector<std::string> items;  // of a list
};

struct Entry {
  enum class Kind { scalar, list, map };
  std::string key;
  Kind kind = Kind::scalar;
  std::string type;
  std::string bounds{};
  std::string help;
  // Takes the value over, or returns the rule that it breaks and leaves the settings as they are.
  std::function<std::optional<std::string>(Settings&, const Given&)> set{};
  std::function<std::string(const Settings&)> show{};
  // Maps have named values instead of one.
  std::function<NamedTexts&(Settings&)> map{};
  // Lists can be changed item by item.
  std::function<std::vector<std::string>(const Settings&)> list{};
};

// The place of an option in Settings.
template <class Section, class Value>
struct At {
  Section Settings::*section;
  Value Section::*member;
  Value& operator()(Settings& settings) const { return settings.*section.*member; }
  const Value& operator()(const Settings& settings) const { return settings.*section.*member; }
};

template <class Section, class Value>
At(Section Settings::*, Value Section::*) -> At<Section, Value>;

template <class Value>
struct Top {
  Value Settings::*member;
  Value& operator()(Settings& settings) const { return settings.*member; }
  const Value& operator()(const Settings& settings) const { return settings.*member; }
};

template <class Value>
Top(Value Settings::*) -> Top<Value>;

struct Range {
  std::uint64_t least;
  std::uint64_t most;
};

// The rule for a text, or for each item of a list.
struct TextRule {
  std::string must_be;  // "" where any text is right
  bool (*fits)(std::string_view) = nullptr;
  bool may_be_empty = false;  // the text or the list
};

std::optional<std::uint64_t> read_number(const Given& given);
std::optional<bool> read_switch(const Given& given);
std::optional<std::string> read_text(const Given& given, const TextRule& rule);
std::optional<std::vector<std::string>> read_list(const Given& given, const TextRule& rule);
std::optional<std::size_t> read_choice(const Given& given, const std::vector<std::string>& names);
std::string choice_text(const std::vector<std::string>& names);

template <class Where>
Entry number(const std::string& key, Where where, Range range, const std::string& help) {
  const std::string bounds = std::to_string(range.least) + " to " + std::to_string(range.most);
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto value = read_number(given);
    if (!value || *value < range.least || *value > range.most) {
      return "must be a whole number from " + bounds;
    }
    where(settings) = *value;
    return std::nullopt;
  };
  return {.key = key,
          .type = "whole number",
          .bounds = bounds,
          .help = help,
          .set = set,
          .show = [=](const Settings& settings) { return std::to_string(where(settings)); }};
}

template <class Where>
Entry on_off(const std::string& key, Where where, const std::string& help) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto value = read_switch(given);
    if (!value) return "must be true or false";
    where(settings) = *value;
    return std::nullopt;
  };
  return {.key = key,
          .type = "true or false",
          .bounds = "true or false",
          .help = help,
          .set = set,
          .show = [=](const Settings& settings) { return where(settings) ? "true" : "false"; }};
}

// `shown` hides the part that must not be printed.
template <class Where>
Entry text(const std::string& key, Where where, const TextRule& rule, const std::string& help,
           const std::function<std::string(std::string_view)>& shown = nullptr) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    auto value = read_text(given, rule);
    if (!value) return "must be " + (rule.must_be.empty() ? "a text in quotes" : rule.must_be);
    where(settings) = std::move(*value);
    return std::nullopt;
  };
  const auto show = [=](const Settings& settings) { return shown ? shown(where(settings)) : where(settings); };
  return {.key = key, .type = "text", .bounds = rule.must_be, .help = help, .set = set, .show = show};
}

template <class Where, class Value>
Entry choice(const std::string& key, Where where, const std::vector<std::pair<std::string, Value>>& values,
             const std::string& help) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const auto& [name, value] : values) names.push_back(name);
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto index = read_choice(given, names);
    if (!index) return "must be " + choice_text(names);
    where(settings) = values[*index].second;
    return std::nullopt;
  };
  const auto show = [=](const Settings& settings) {
    for (const auto& [name, value] : values) {
      if (value == where(settings)) return name;
    }
    return std::string();
  };
  return {.key = key, .type = "one of", .bounds = choice_text(names), .help = help, .set = set, .show = show};
}

template <class Where>
Entry list(const std::string& key, Where where, const TextRule& rule, const std::string& help) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    auto items = read_list(given, rule);
    if (!items) return "must be a list, each item " + rule.must_be + (rule.may_be_empty ? "" : ", at least one");
    where(settings) = std::move(*items);
    return std::nullopt;
  };
  return {.key = key,
          .kind = Entry::Kind::list,
          .type = "list",
          .bounds = "each " + rule.must_be,
          .help = help,
          .set = set,
          .show = [=](const Settings& settings) { return join(where(settings), ","); },
          .list = [=](const Settings& settings) { return where(settings); }};
}

// Its key ends in ":*".
template <class Where>
Entry map(const std::string& key, Where where, const std::string& help) {
  return {.key = key,
          .kind = Entry::Kind::map,
          .type = "text",
          .help = help,
          .map = [=](Settings& settings) -> NamedTexts& { return where(settings); }};
}

}  // namespace message_service::config
