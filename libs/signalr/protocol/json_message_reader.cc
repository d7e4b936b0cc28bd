#include "signalr/protocol/json_message_reader.h"

#include <algorithm>
#include <array>

#include "signalr/protocol/json_mistakes.h"

namespace signalr {

namespace {

// The members in which a mistake fails one call only.
constexpr std::array<std::string_view, 3> kPayload{"arguments", "item", "result"};

// Takes members out of a message's object and remembers the first mistake. A member that is null counts as absent where
// it is optional.
class Members {
 public:
  explicit Members(Value::Object members) : members_(std::move(members)) {}

  const std::string& error() const { return error_; }

  bool has(std::string_view name) { return find(name) != nullptr; }

  std::optional<std::string> optional_text(std::string_view name) {
    Value* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (auto* text = value->get_if<std::string>()) return std::move(*text);
    expected(name, "String");
    return std::nullopt;
  }

  // A name that may be empty.
  std::string required_name(std::string_view name) {
    auto text = optional_text(name);
    if (!text) missing(name);
    return std::move(text).value_or("");
  }

  // An identifier; an empty one counts as missing.
  std::string required_text(std::string_view name) {
    std::string text = optional_text(name).value_or("");
    if (text.empty()) missing(name);
    return text;
  }

  std::int64_t required_integer(std::string_view name) {
    const Value* value = find(name);
    if (value == nullptr || value->is_null()) {
      missing(name);
      return 0;
    }
    const auto number = value->if_integer();
    if (!number) expected(name, "Number");
    return number.value_or(0);
  }

  bool optional_bool(std::string_view name) {
    const Value* value = find(name);
    if (value == nullptr || value->is_null()) return false;
    if (const auto* flag = value->get_if<bool>()) return *flag;
    expected(name, "Boolean");
    return false;
  }

  Value required_value(std::string_view name) {
    Value* value = find(name);
    if (value != nullptr) return std::move(*value);
    missing(name);
    return {};
  }

  Value::Array required_array(std::string_view name) {
    Value* value = find(name);
    if (value == nullptr) {
      missing(name);
      return {};
    }
    if (auto* items = value->get_if<Value::Array>()) return std::move(*items);
    if (value->get_if<Unreadable>() != nullptr) return {std::move(*value)};
    expected(name, "Array");
    return {};
  }

  std::vector<std::string> optional_texts(std::string_view name) {
    Value* value = find(name);
    if (value == nullptr || value->is_null()) return {};
    auto* items = value->get_if<Value::Array>();
    if (items == nullptr) {
      expected(name, "Array");
      return {};
    }
    std::vector<std::string> texts;
    for (Value& item : *items) {
      auto* text = item.get_if<std::string>();
      if (text == nullptr) {
        expected(name, "Array of String");
        return {};
      }
      texts.push_back(std::move(*text));
    }
    return texts;
  }

  Headers headers() {
    Value* value = find("headers");
    if (value == nullptr || value->is_null()) return {};
    auto* members = value->get_if<Value::Object>();
    if (members == nullptr) {
      expected("headers", "Object");
      return {};
    }
    Headers headers;
    for (auto& [name, header] : *members) {
      auto* text = header.get_if<std::string>();
      if (text == nullptr) {
        expected("headers", "Object of String");
        return {};
      }
      headers.emplace_back(std::move(name), std::move(*text));
    }
    return headers;
  }

  void fail(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }

 private:
  Value* find(std::string_view name) {
    const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                    [&](const Value::Member& member) { return member.name == name; });
    return found == members_.rend() ? nullptr : &found->value;
  }

  void missing(std::string_view name) { fail("Missing required property '" + std::string(name) + "'."); }
  void expected(std::string_view name, std::string_view type) {
    fail("Expected '" + std::string(name) + "' to be of type " + std::string(type) + ".");
  }

  Value::Object members_;
  std::string error_;
};

template <class CallMessage>
CallMessage read_call(Members& members) {
  CallMessage call;
  call.invocation_id = std::is_same_v<CallMessage, Invocation> ? members.optional_text("invocationId").value_or("")
                                                               : members.required_text("invocationId");
  call.target = members.required_name("target");
  call.arguments = members.required_array("arguments");
  call.stream_ids = members.optional_texts("streamIds");
  call.headers = members.headers();
  return call;
}

StreamItem read_stream_item(Members& members) {
  StreamItem message;
  message.invocation_id = members.required_text("invocationId");
  message.item = members.required_value("item");
  message.headers = members.headers();
  return message;
}

Completion read_completion(Members& members) {
  Completion message;
  message.invocation_id = members.required_text("invocationId");
  message.headers = members.headers();
  auto error = members.optional_text("error");
  const bool has_result = members.has("result");
  if (error && has_result) members.fail("The 'error' and 'result' properties are mutually exclusive.");
  if (has_result) message.outcome = members.required_value("result");
  if (error) message.outcome = Failure{*std::move(error)};
  return message;
}

CancelInvocation read_cancel(Members& members) {
  CancelInvocation message;
  message.invocation_id = members.required_text("invocationId");
  message.headers = members.headers();
  return message;
}

Close read_close(Members& members) {
  return {.error = members.optional_text("error").value_or(""),
          .allow_reconnect = members.optional_bool("allowReconnect")};
}

HubMessage read_message(Members& members) {
  switch (members.required_integer("type")) {
    case 1:
      return read_call<Invocation>(members);
    case 2:
      return read_stream_item(members);
    case 3:
      return read_completion(members);
    case 4:
      return read_call<StreamInvocation>(members);
    case 5:
      return read_cancel(members);
    case 6:
      return Ping{};
    case 7:
      return read_close(members);
    case 8:
      return Ack{members.required_integer("sequenceId")};
    case 9:
      return Sequence{members.required_integer("sequenceId")};
    default:
      return Unknown{};
  }
}

}  // namespace

base::Result<HubMessage> read_json_message(std::string_view text, std::size_t nesting_max) {
  auto value = parse_json_with_mistakes(text, nesting_max, kPayload);
  if (!value) return value.error();
  auto* object = value->get_if<Value::Object>();
  if (object == nullptr) return base::Error{base::ErrorCode::invalid, "A message must be a JSON object."};
  Members members(std::move(*object));
  auto message = read_message(members);
  if (!members.error().empty()) return base::Error{base::ErrorCode::invalid, members.error()};
  return message;
}

}  // namespace signalr
