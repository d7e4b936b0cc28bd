#include "verify/live_views.h"

#include <boost/json.hpp>
#include <utility>

namespace message_service::verify {

namespace {

using boost::json::object;

std::uint64_t number_in(const object& from, const char* name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

std::string text_in(const object& from, const char* name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string text_of(const object& mismatch) {
  const auto number = [&](const char* name) { return std::to_string(number_in(mismatch, name)); };
  std::string text = text_in(mismatch, "foundAt") + " " + text_in(mismatch, "kind") + " in " +
                     text_in(mismatch, "conversationId") + ", sequences " + number("from") + " to " + number("to");
  if (mismatch.contains("sequence")) text += ": sequence " + number("sequence");
  text += ": " + number("count") + " messages shown, " + number("storedCount") + " stored; says connection " +
          text_in(mismatch, "connectionId");
  const std::string person = text_in(mismatch, "person");
  return base::printable(person.empty() ? text : text + " of " + person);
}

}  // namespace

base::Result<LiveViews> ask_views(http::Client& client) {
  const auto answer = client.get("/admin/views");
  if (!answer) return answer.error();
  if (answer->status == 401 || answer->status == 403) {
    return base::Error{base::ErrorCode::forbidden, "the service answered " + std::to_string(answer->status) +
                                                       ": name an operator's --token, or the service's data folder"};
  }
  if (answer->status != 200) {
    return base::Error{base::ErrorCode::unavailable,
                       "the service answered " + std::to_string(answer->status) + ": " + answer->body};
  }
  boost::system::error_code failure;
  const auto parsed = boost::json::parse(answer->body, failure);
  const auto* list = !failure && parsed.is_object() ? parsed.get_object().if_contains("last") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return base::Error{base::ErrorCode::unavailable, "the service's answer cannot be read"};
  }
  const object& figures = parsed.get_object();
  LiveViews views{.since = text_in(figures, "since"),
                  .clients = number_in(figures, "clients"),
                  .conversations = number_in(figures, "conversations"),
                  .reports = number_in(figures, "reports"),
                  .messages = number_in(figures, "messages"),
                  .mismatches = number_in(figures, "mismatches"),
                  .waiting = number_in(figures, "waiting"),
                  .last = {}};
  for (const auto& item : list->get_array()) {
    if (!item.is_object()) continue;
    views.last.push_back({.number = number_in(item.get_object(), "number"),
                          .json = boost::json::serialize(item),
                          .text = text_of(item.get_object())});
  }
  return views;
}

}  // namespace message_service::verify
