#include "signalr/protocol/msgpack_protocol.h"

#include "signalr/protocol/msgpack_message_reader.h"
#include "signalr/protocol/text_record.h"

namespace signalr {

namespace {

struct Length {
  std::uint64_t body_bytes;
  std::size_t own_bytes;
};

// 7 bits a byte, the lowest first, in at most 5 bytes and below 2^31. Nothing: more bytes are needed.
base::Result<std::optional<Length>> read_length(std::string_view input) {
  constexpr std::size_t bytes_max = 5;
  constexpr std::uint64_t length_max = 0x7FFFFFFF;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < input.size() && i < bytes_max; ++i) {
    const auto byte = static_cast<std::uint8_t>(input[i]);
    length |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0 && length <= length_max) return std::optional(Length{length, i + 1});
    if (i + 1 == bytes_max)
      return base::Error{base::ErrorCode::invalid, "Messages over 2GB in size are not supported."};
  }
  return std::optional<Length>();
}

void append_length(std::string& out, std::size_t length) {
  for (; length >= 0x80; length >>= 7) out.push_back(static_cast<char>(length | 0x80));
  out.push_back(static_cast<char>(length));
}

// Like take_record(), for the binary framing; the answer leaves the length out.
base::Result<std::optional<std::string_view>> take_body(std::string_view& input, std::size_t bytes_max) {
  const auto length = read_length(input);
  if (!length) return length.error();
  if (!*length) return std::optional<std::string_view>();
  const auto [body_bytes, own_bytes] = **length;
  if (own_bytes + body_bytes > bytes_max) return message_too_big(bytes_max);
  if (input.size() - own_bytes < body_bytes) return std::optional<std::string_view>();
  const std::string_view body = input.substr(own_bytes, body_bytes);
  input.remove_prefix(own_bytes + body_bytes);
  return std::optional(body);
}

class MessagePackMessageWriter {
 public:
  MessagePackMessageWriter(std::string& out, PropertyNames names) : out_(out), names_(names) {}

  void operator()(const Invocation& message) { write_call(message, 1); }
  void operator()(const StreamItem& message) {
    begin(4, 2);
    headers(message.headers);
    append_msgpack_string(out_, message.invocation_id);
    append_msgpack(out_, message.item, names_);
  }
  void operator()(const Completion& message) {
    const auto* result = std::get_if<Value>(&message.outcome);
    const auto* failure = std::get_if<Failure>(&message.outcome);
    begin(result != nullptr || failure != nullptr ? 5 : 4, 3);
    headers(message.headers);
    append_msgpack_string(out_, message.invocation_id);
    append_msgpack(out_, failure != nullptr ? 1 : result == nullptr ? 2 : 3);
    if (failure != nullptr) append_msgpack_string(out_, error_text(*failure));
    if (result != nullptr) append_msgpack(out_, *result, names_);
  }
  void operator()(const StreamInvocation& message) { write_call(message, 4); }
  void operator()(const CancelInvocation& message) {
    begin(3, 5);
    headers(message.headers);
    append_msgpack_string(out_, message.invocation_id);
  }
  void operator()(const Ping& /*message*/) { begin(1, 6); }
  void operator()(const Unknown& /*message*/) { begin(1, 10); }
  void operator()(const Close& message) {
    begin(3, 7);
    text_or_nil(message.error);
    append_msgpack(out_, message.allow_reconnect);
  }
  void operator()(const Ack& message) {
    begin(2, 8);
    append_msgpack(out_, message.sequence_id);
  }
  void operator()(const Sequence& message) {
    begin(2, 9);
    append_msgpack(out_, message.sequence_id);
  }

 private:
  template <class Kind>
  void write_call(const Call<Kind>& call, int type) {
    begin(6, type);
    headers(call.headers);
    text_or_nil(call.invocation_id);
    append_msgpack_string(out_, call.target);
    append_msgpack_array_header(out_, call.arguments.size());
    for (const Value& argument : call.arguments) append_msgpack(out_, argument, names_);
    append_msgpack_array_header(out_, call.stream_ids.size());
    for (const std::string& id : call.stream_ids) append_msgpack_string(out_, id);
  }

  void begin(std::size_t elements, int type) {
    append_msgpack_array_header(out_, elements);
    append_msgpack(out_, type);
  }

  void headers(const Headers& headers) {
    append_msgpack_map_header(out_, headers.size());
    for (const auto& [name, header] : headers) {
      append_msgpack_string(out_, name);
      append_msgpack_string(out_, header);
    }
  }

  void text_or_nil(const std::string& text) { append_msgpack(out_, text.empty() ? Value() : Value(text)); }

  std::string& out_;
  const PropertyNames names_;
};

}  // namespace

base::Result<std::optional<HubMessage>> MessagePackProtocol::parse(std::string_view& input,
                                                                   const ProtocolLimits& limits) const {
  const auto body = take_body(input, limits.message_bytes_max);
  if (!body) return body.error();
  if (!*body) return std::optional<HubMessage>();
  auto message = read_msgpack_message(**body, limits.nesting_max);
  if (!message) return message.error();
  return std::optional(*std::move(message));
}

std::string MessagePackProtocol::write(const HubMessage& message) const {
  std::string body;
  std::visit(MessagePackMessageWriter(body, names_), message);
  std::string out;
  append_length(out, body.size());
  out.append(body);
  return out;
}

}  // namespace signalr
