#include "api/view_report_reader.h"

#include <optional>
#include <string>
#include <string_view>

#include "model/validation.h"
#include "signalr/hub/convert.h"

namespace message_service::api {

namespace {

constexpr std::int64_t kSequenceMax = std::int64_t{1} << 53;  // JavaScript's numbers are exact up to here

std::uint64_t whole_number(const signalr::Value& object, std::string_view name, std::int64_t least, std::int64_t most,
                           FieldErrors& errors) {
  const signalr::Value* value = signalr::find_member(object, name);
  const auto number = value != nullptr ? value->if_integer() : std::nullopt;
  if (number && *number >= least && *number <= most) return static_cast<std::uint64_t>(*number);
  errors.push_back(
      {std::string(name), "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most)});
  return 0;
}

HashLanes hash(const signalr::Value& object, std::string_view name, FieldErrors& errors) {
  const signalr::Value* value = signalr::find_member(object, name);
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  const auto lanes = text != nullptr ? HashLanes::parse(*text) : std::nullopt;
  if (!lanes) errors.push_back({std::string(name), "must be 16 hexadecimal digits"});
  return lanes.value_or(HashLanes{});
}

}  // namespace

std::variant<ViewReport, FieldErrors> read_view_report(const signalr::Value& argument, const Limits& limits) {
  FieldErrors errors;
  if (argument.get_if<signalr::Value::Object>() == nullptr) {
    return FieldErrors{{"report", "must be an object"}};
  }
  const auto version = whole_number(argument, "version", 1, kSequenceMax, errors);
  if (errors.empty() && version != kViewHashVersion) {
    return FieldErrors{{"version", "is none that this service compares: it knows 1"}};
  }
  ViewReport report;
  const signalr::Value* id = signalr::find_member(argument, "conversationId");
  const std::string* text = id != nullptr ? id->if_string() : nullptr;
  if (text == nullptr) {
    errors.push_back({"conversationId", "must be a string"});
  } else if (check_id("conversationId", *text, limits, errors)) {
    report.conversation_id = *text;
  }
  report.from = whole_number(argument, "from", 1, kSequenceMax, errors);
  report.to = whole_number(argument, "to", 1, kSequenceMax, errors);
  report.count = whole_number(argument, "count", 0, ViewReport::kMessagesMax, errors);
  report.hash = hash(argument, "hash", errors);
  report.sum = hash(argument, "sum", errors);
  if (errors.empty() && report.to < report.from) errors.push_back({"to", "must not be less than from"});
  if (!errors.empty()) return errors;
  return report;
}

}  // namespace message_service::api
