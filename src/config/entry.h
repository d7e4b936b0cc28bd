// One declared option, and the makers for each kind of option. Used by the schema and the loader only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bounds.h"
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

// The rules for the named values of a map.
struct MapRule {
  std::string help;  // of each value
  bool (*is_secret)(std::string_view name) = nullptr;
  std::optional<std::string> (*fault)(const std::string& name) = nullptr;  // why nobody may set a value of that name
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
  std::function<bool(const Settings&, const Settings&)> same{};  // secrets compared, too
  // Maps have named values instead of one.
  std::function<NamedTexts&(Settings&)> map{};
  MapRule map_rule{};
  // Lists can be changed item by item.
  std::function<std::vector<std::string>(const Settings&)> list{};
};

// The place of an option in Settings: a path of members.
template <class... Members>
class At {
 public:
  explicit constexpr At(Members... members) : members_(members...) {}

  // A member of what is there.
  template <class Member>
  constexpr auto operator/(Member member) const {
    return std::apply([&](auto... members) { return At<Members..., Member>(members..., member); }, members_);
  }

  const auto& get(const Settings& settings) const { return find(settings); }
  template <class Value>
  void set(Settings& settings, const Value& value) const {
    auto& place = find(settings);
    place = static_cast<std::remove_reference_t<decltype(place)>>(value);
  }
  // For maps, which take one value after another.
  auto& get(Settings& settings) const { return find(settings); }

 private:
  template <class From>
  auto& find(From& settings) const {
    return std::apply(
        [&](auto... member) -> auto& { return (settings.*....*member); }, members_);
  }

  std::tuple<Members...> members_;
};

// The places of an option that several parts have; their defaults are equal.
template <class First, class... Others>
class AtEach {
 public:
  explicit AtEach(First first, Others... others) : first_(first), others_(others...) {}

  const auto& get(const Settings& settings) const { return first_.get(settings); }
  template <class Value>
  void set(Settings& settings, const Value& value) const {
    first_.set(settings, value);
    std::apply([&](const auto&... other) { (other.set(settings, value), ...); }, others_);
  }

 private:
  First first_;
  std::tuple<Others...> others_;
};

template <class Where>
std::function<bool(const Settings&, const Settings&)> same_at(Where where) {
  return [=](const Settings& one, const Settings& other) { return where.get(one) == where.get(other); };
}

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

Entry whole_number(const std::string& key, base::Bounds<std::uint64_t> bounds, const std::string& help,
                   const std::function<void(Settings&, std::uint64_t)>& set,
                   const std::function<std::uint64_t(const Settings&)>& get);

template <class Where, class Value>
Entry number(const std::string& key, Where where, base::Bounds<Value> bounds, const std::string& help) {
  return whole_number(
      key, {static_cast<std::uint64_t>(bounds.least), static_cast<std::uint64_t>(bounds.most)}, help,
      [=](Settings& settings, std::uint64_t value) { where.set(settings, value); },
      [=](const Settings& settings) { return static_cast<std::uint64_t>(where.get(settings)); });
}

// A time as a number of Units.
template <class Unit, class Where, class Time>
Entry time(const std::string& key, Where where, base::Bounds<Time> bounds, const std::string& help) {
  const auto count = [](auto value) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<Unit>(value).count());
  };
  return whole_number(
      key, {count(bounds.least), count(bounds.most)}, help,
      [=](Settings& settings, std::uint64_t value) { where.set(settings, Unit(value)); },
      [=](const Settings& settings) { return count(where.get(settings)); });
}

template <class Where>
Entry on_off(const std::string& key, Where where, const std::string& help) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto value = read_switch(given);
    if (!value) return "must be true or false";
    where.set(settings, *value);
    return std::nullopt;
  };
  return {.key = key,
          .type = "true or false",
          .bounds = "true or false",
          .help = help,
          .set = set,
          .show = [=](const Settings& settings) { return where.get(settings) ? "true" : "false"; },
          .same = same_at(where)};
}

// `shown` hides the part that must not be printed.
template <class Where>
Entry text(const std::string& key, Where where, const TextRule& rule, const std::string& help,
           const std::function<std::string(std::string_view)>& shown = nullptr) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    auto value = read_text(given, rule);
    if (!value) return "must be " + (rule.must_be.empty() ? "a text in quotes" : rule.must_be);
    where.set(settings, *value);
    return std::nullopt;
  };
  const auto show = [=](const Settings& settings) {
    const std::string& value = where.get(settings);
    return shown ? shown(value) : value;
  };
  return {.key = key,
          .type = "text",
          .bounds = rule.must_be,
          .help = help,
          .set = set,
          .show = show,
          .same = same_at(where)};
}

template <class Value, class Where>
Entry choice(const std::string& key, Where where, const std::vector<std::pair<std::string, Value>>& values,
             const std::string& help) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const auto& [name, value] : values) names.push_back(name);
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto index = read_choice(given, names);
    if (!index) return "must be " + choice_text(names);
    where.set(settings, values[*index].second);
    return std::nullopt;
  };
  const auto show = [=](const Settings& settings) {
    for (const auto& [name, value] : values) {
      if (value == where.get(settings)) return name;
    }
    return std::string();
  };
  return {.key = key,
          .type = "one of",
          .bounds = choice_text(names),
          .help = help,
          .set = set,
          .show = show,
          .same = same_at(where)};
}

template <class Where>
Entry list(const std::string& key, Where where, const TextRule& rule, const std::string& help) {
  const auto set = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    auto items = read_list(given, rule);
    if (!items) return "must be a list, each item " + rule.must_be + (rule.may_be_empty ? "" : ", at least one");
    where.set(settings, *items);
    return std::nullopt;
  };
  return {.key = key,
          .kind = Entry::Kind::list,
          .type = "list",
          .bounds = "each " + rule.must_be,
          .help = help,
          .set = set,
          .show = [=](const Settings& settings) { return join(where.get(settings), ","); },
          .same = same_at(where),
          .list = [=](const Settings& settings) { return where.get(settings); }};
}

// Its key ends in ":*".
template <class Where>
Entry map(const std::string& key, Where where, const MapRule& rule, const std::string& help) {
  return {.key = key,
          .kind = Entry::Kind::map,
          .type = "text",
          .help = help,
          .same = same_at(where),
          .map = [=](Settings& settings) -> NamedTexts& { return where.get(settings); },
          .map_rule = rule};
}

}  // namespace message_service::config
