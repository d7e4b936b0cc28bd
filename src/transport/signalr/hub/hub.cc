#include "transport/signalr/hub/hub.h"

#include <utility>

namespace message_service::signalr {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

void Hub::add(std::string_view name, Method method) { methods_.emplace(lower_case(name), std::move(method)); }

const Hub::Method* Hub::find(std::string_view name) const {
  const auto found = methods_.find(lower_case(name));
  return found == methods_.end() ? nullptr : &found->second;
}

}  // namespace message_service::signalr
