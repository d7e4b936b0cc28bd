#include "signalr/protocol/json_protocol.h"

#include "signalr/protocol/json_message_reader.h"
#include "signalr/protocol/json_value.h"
#include "signalr/protocol/text_record.h"

namespace signalr {

namespace {

class JsonMessageWriter {
 public:
  explicit JsonMessageWriter(std::string& out) : out_(out) {}

  void operator()(const Invocation& message) { write_call(message); }
  void operator()(const StreamInvocation& message) { write_call(message); }
  void operator()(const StreamItem& message) {
    text("invocationId", message.invocation_id);
    headers(message.headers);
    value("item", message.item);
  }
  void operator()(const Completion& message) {
    text("invocationId", message.invocation_id);
    headers(message.headers);
    if (const auto* result = std::get_if<Value>(&message.outcome)) value("result", *result);
    if (const auto* failure = std::get_if<Failure>(&message.outcome)) text("error", error_text(*failure));
  }
  void operator()(const CancelInvocation& message) {
    text("invocationId", message.invocation_id);
    headers(message.headers);
  }
  void operator()(const Ping& /*message*/) {}
  void operator()(const Unknown& /*message*/) {}
  void operator()(const Close& message) {
    if (!message.error.empty()) text("error", message.error);
    if (message.allow_reconnect) value("allowReconnect", true);
  }
  void operator()(const Ack& message) { value("sequenceId", message.sequence_id); }
  void operator()(const Sequence& message) { value("sequenceId", message.sequence_id); }

 private:
  template <class Kind>
  void write_call(const Call<Kind>& call) {
    if (!call.invocation_id.empty()) text("invocationId", call.invocation_id);
    headers(call.headers);
    text("target", call.target);
    name("arguments");
    list(call.arguments, [this](const Value& argument) { append_json(out_, argument); });
    if (call.stream_ids.empty()) return;
    name("streamIds");
    list(call.stream_ids, [this](const std::string& id) { base::append_json_string(out_, id); });
  }

  void headers(const Headers& headers) {
    if (headers.empty()) return;
    name("headers");
    char before = '{';
    for (const auto& [key, header] : headers) {
      out_.push_back(before);
      base::append_json_string(out_, key);
      out_.push_back(':');
      base::append_json_string(out_, header);
      before = ',';
    }
    out_.push_back('}');
  }

  template <class Item, class WriteItem>
  void list(const std::vector<Item>& items, WriteItem write_item) {
    out_.push_back('[');
    for (const Item& item : items) {
      if (&item != items.data()) out_.push_back(',');
      write_item(item);
    }
    out_.push_back(']');
  }

  // Every message begins with its type, so there is always a member before.
  void name(std::string_view key) { out_.append(",\"").append(key).append("\":"); }
  void text(std::string_view key, std::string_view content) {
    name(key);
    base::append_json_string(out_, content);
  }
  void value(std::string_view key, const Value& content) {
    name(key);
    append_json(out_, content);
  }

  std::string& out_;
};

}  // namespace

base::Result<std::optional<HubMessage>> JsonProtocol::parse(std::string_view& input,
                                                            const ProtocolLimits& limits) const {
  const auto record = take_record(input, limits.message_bytes_max);
  if (!record) return record.error();
  if (!*record) return std::optional<HubMessage>();
  auto message = read_json_message(**record, limits.nesting_max);
  if (!message) return message.error();
  return std::optional(*std::move(message));
}

std::string JsonProtocol::write(const HubMessage& message) const {
  std::string out = "{\"type\":" + std::to_string(message_type(message));
  std::visit(JsonMessageWriter(out), message);
  out.push_back('}');
  out.push_back(kRecordSeparator);
  return out;
}

}  // namespace signalr
