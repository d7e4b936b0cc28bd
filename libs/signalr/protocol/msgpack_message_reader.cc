#include "signalr/protocol/msgpack_message_reader.h"

#include "signalr/protocol/msgpack_value.h"

namespace signalr {

namespace {

// Takes a message's elements one after the other and remembers the first mistake.
class Elements {
 public:
  explicit Elements(Value::Array elements) : elements_(std::move(elements)) {}

  const std::string& error() const { return error_; }
  bool at_end() const { return next_ == elements_.size(); }

  Value value(std::string_view name) {
    if (!at_end()) return std::move(elements_[next_++]);
    fail("Missing required element '" + std::string(name) + "'.");
    return {};
  }

  std::int64_t integer(std::string_view name) {
    const auto number = value(name).if_integer();
    if (!number) expected(name, "Int64");
    return number.value_or(0);
  }

  bool boolean(std::string_view name) {
    const Value element = value(name);
    const auto* flag = element.get_if<bool>();
    if (flag == nullptr) expected(name, "Boolean");
    return flag != nullptr && *flag;
  }

  // Nil stands for an empty text.
  std::string optional_text(std::string_view name) {
    Value element = value(name);
    if (element.is_null()) return {};
    if (auto* text = element.get_if<std::string>()) return std::move(*text);
    expected(name, "String");
    return {};
  }

  // The name of a method. It may be empty, or hold U+FFFD: then there is no such method.
  std::string target() {
    Value element = value("target");
    if (auto* text = element.get_if<std::string>()) return std::move(*text);
    if (auto* unreadable = element.get_if<Unreadable>()) return std::move(unreadable->text);
    expected("target", "String");
    return {};
  }

  std::string required_text(std::string_view name) {
    std::string text = optional_text(name);
    if (text.empty()) expected(name, "String");
    return text;
  }

  Value::Array array(std::string_view name) {
    Value element = value(name);
    if (auto* items = element.get_if<Value::Array>()) return std::move(*items);
    expected(name, "Array");
    return {};
  }

  // Arguments that are no array fit no method.
  Value::Array arguments() {
    Value element = value("arguments");
    if (auto* items = element.get_if<Value::Array>()) return std::move(*items);
    if (element.get_if<Unreadable>() == nullptr) element = Unreadable{"must be an array"};
    return {std::move(element)};
  }

  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> texts;
    for (Value& item : array(name)) {
      auto* text = item.get_if<std::string>();
      if (text != nullptr) texts.push_back(std::move(*text));
      if (text == nullptr) expected(name, "Array of String");
    }
    return texts;
  }

  Headers headers() {
    Value element = value("headers");
    if (element.is_null()) return {};
    auto* members = element.get_if<Value::Object>();
    if (members == nullptr) {
      expected("headers", "Map");
      return {};
    }
    Headers headers;
    for (auto& [name, header] : *members) {
      auto* text = header.get_if<std::string>();
      if (text != nullptr) headers.emplace_back(std::move(name), std::move(*text));
      if (text == nullptr) expected("headers", "Map of String");
    }
    return headers;
  }

  void expected(std::string_view name, std::string_view type) {
    fail("Reading '" + std::string(name) + "' as " + std::string(type) + " failed.");
  }

 private:
  void fail(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }

  Value::Array elements_;
  std::size_t next_ = 0;
  std::string error_;
};

template <class CallMessage>
CallMessage read_call(Elements& elements) {
  CallMessage call;
  call.headers = elements.headers();
  call.invocation_id = std::is_same_v<CallMessage, Invocation> ? elements.optional_text("invocationId")
                                                               : elements.required_text("invocationId");
  call.target = elements.target();
  call.arguments = elements.arguments();
  if (!elements.at_end()) call.stream_ids = elements.texts("streamIds");  // JavaScript leaves an empty list out
  return call;
}

StreamItem read_stream_item(Elements& elements) {
  StreamItem message;
  message.headers = elements.headers();
  message.invocation_id = elements.required_text("invocationId");
  message.item = elements.value("item");
  return message;
}

Completion read_completion(Elements& elements) {
  Completion message;
  message.headers = elements.headers();
  message.invocation_id = elements.required_text("invocationId");
  switch (elements.integer("resultKind")) {
    case 1:
      message.outcome = Failure{elements.optional_text("error")};
      break;
    case 2:
      break;
    case 3:
      message.outcome = elements.value("result");
      break;
    default:
      elements.expected("resultKind", "1, 2 or 3");
  }
  return message;
}

CancelInvocation read_cancel(Elements& elements) {
  CancelInvocation message;
  message.headers = elements.headers();
  message.invocation_id = elements.required_text("invocationId");
  return message;
}

Close read_close(Elements& elements) {
  Close message{.error = elements.optional_text("error")};
  if (!elements.at_end()) message.allow_reconnect = elements.boolean("allowReconnect");
  return message;
}

HubMessage read_message(Elements& elements) {
  switch (elements.integer("type")) {
    case 1:
      return read_call<Invocation>(elements);
    case 2:
      return read_stream_item(elements);
    case 3:
      return read_completion(elements);
    case 4:
      return read_call<StreamInvocation>(elements);
    case 5:
      return read_cancel(elements);
    case 6:
      return Ping{};
    case 7:
      return read_close(elements);
    case 8:
      return Ack{elements.integer("sequenceId")};
    case 9:
      return Sequence{elements.integer("sequenceId")};
    default:
      return Unknown{};
  }
}

}  // namespace

base::Result<HubMessage> read_msgpack_message(std::string_view bytes, std::size_t nesting_max) {
  auto value = parse_msgpack_with_mistakes(bytes, nesting_max);
  if (!value) return value.error();
  auto* items = value->get_if<Value::Array>();
  if (items == nullptr) return base::Error{base::ErrorCode::invalid, "A message must be a MessagePack array."};
  Elements elements(std::move(*items));
  auto message = read_message(elements);
  if (!elements.error().empty()) return base::Error{base::ErrorCode::invalid, elements.error()};
  return message;
}

}  // namespace signalr
