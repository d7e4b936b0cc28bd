#include "config/entry.h"

#include <algorithm>
#include <charconv>

namespace message_service::config {

namespace {

constexpr std::size_t text_bytes_max = 8192;
constexpr std::size_t list_items_max = 1000;

bool fits(std::string_view text, const TextRule& rule) {
  return text.size() <= text_bytes_max && (rule.fits == nullptr || rule.fits(text));
}

}  // namespace

std::optional<std::uint64_t> read_number(const Given& given) {
  if (given.kind != Given::Kind::number && given.kind != Given::Kind::text) return std::nullopt;
  const std::string_view digits = trim(given.text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<bool> read_switch(const Given& given) {
  if (given.kind != Given::Kind::boolean && given.kind != Given::Kind::text) return std::nullopt;
  if (base::equals_ignoring_case(trim(given.text), "true")) return true;
  if (base::equals_ignoring_case(trim(given.text), "false")) return false;
  return std::nullopt;
}

std::optional<std::string> read_text(const Given& given, const TextRule& rule) {
  if (given.kind != Given::Kind::text) return std::nullopt;
  if (given.text.empty() ? !rule.may_be_empty : !fits(given.text, rule)) return std::nullopt;
  return given.text;
}

std::optional<std::vector<std::string>> read_list(const Given& given, const TextRule& rule) {
  if (given.kind != Given::Kind::list && given.kind != Given::Kind::text) return std::nullopt;
  auto items = given.kind == Given::Kind::list ? given.items : split_list(given.text);
  if (items.size() > list_items_max || (items.empty() && !rule.may_be_empty)) return std::nullopt;
  const bool good = std::all_of(items.begin(), items.end(),
                                [&rule](const std::string& item) { return !item.empty() && fits(item, rule); });
  return good ? std::optional(std::move(items)) : std::nullopt;
}

std::optional<std::size_t> read_choice(const Given& given, const std::vector<std::string>& names) {
  if (given.kind != Given::Kind::text) return std::nullopt;
  const auto found = std::find_if(names.begin(), names.end(), [&given](const std::string& name) {
    return base::equals_ignoring_case(name, trim(given.text));
  });
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::string choice_text(const std::vector<std::string>& names) {
  const std::vector<std::string> first(names.begin(), names.end() - 1);
  return join(first, ", ") + " or " + names.back();
}

Entry whole_number(const std::string& key, base::Bounds<std::uint64_t> bounds, const std::string& help,
                   const std::function<void(Settings&, std::uint64_t)>& set,
                   const std::function<std::uint64_t(const Settings&)>& get) {
  const std::string text = std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
  const auto set_checked = [=](Settings& settings, const Given& given) -> std::optional<std::string> {
    const auto value = read_number(given);
    if (!value || *value < bounds.least || *value > bounds.most) return "must be a whole number from " + text;
    set(settings, *value);
    return std::nullopt;
  };
  return {.key = key,
          .type = "whole number",
          .bounds = text,
          .help = help,
          .set = set_checked,
          .show = [=](const Settings& settings) { return std::to_string(get(settings)); },
          .same = [=](const Settings& one, const Settings& other) { return get(one) == get(other); }};
}

}  // namespace message_service::config
