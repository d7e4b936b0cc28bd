#include "signalr/hub/convert.h"

#include <algorithm>

#include "base/base64.h"
#include "http/codec/target.h"
#include "signalr/protocol/time_text.h"

namespace signalr {

bool read_bytes(const Value& value, Value::Bytes& out) {
  if (const auto* bytes = value.get_if<Value::Bytes>()) {
    out = *bytes;
    return true;
  }
  const std::string* text = value.if_string();
  auto bytes = text != nullptr ? base::read_base64(*text) : std::nullopt;
  if (!bytes) return false;
  out = *std::move(bytes);
  return true;
}

bool read_time(const Value& value, Time& out) {
  if (const auto* time = value.get_if<Time>()) {
    out = *time;
    return true;
  }
  const std::string* text = value.if_string();
  const auto time = text != nullptr ? read_time(*text) : std::nullopt;
  if (time) out = *time;
  return time.has_value();
}

const Value* find_member(const Value& object, std::string_view name) {
  const auto& members = *object.get_if<Value::Object>();
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const auto& member) { return http::equals_ignoring_case(member.name, name); });
  return found == members.rend() ? nullptr : &found->value;
}

}  // namespace signalr
