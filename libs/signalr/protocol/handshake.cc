#include "signalr/protocol/handshake.h"

#include <algorithm>

#include "base/ascii.h"
#include "signalr/protocol/json_value.h"
#include "signalr/protocol/text_record.h"

namespace signalr {

namespace {

base::Error invalid(std::string text) { return {base::ErrorCode::invalid, std::move(text)}; }

base::Result<HandshakeRequest> read_request(std::string_view record) {
  const auto value = parse_json(record);
  if (!value) return value.error();
  const Value* protocol = value->find("protocol");
  if (protocol == nullptr) return invalid("Missing required property 'protocol'.");
  if (protocol->if_string() == nullptr) return invalid("Expected 'protocol' to be of type String.");
  const Value* version = value->find("version");
  if (version == nullptr) return invalid("Missing required property 'version'.");
  const auto number = version->if_integer();
  if (!number || !std::in_range<int>(*number)) return invalid("Expected 'version' to be of type Number.");
  return HandshakeRequest{*protocol->if_string(), static_cast<int>(*number)};
}

}  // namespace

base::Result<std::optional<HandshakeRequest>> parse_handshake(std::string_view& input, std::size_t bytes_max) {
  const auto record = take_record(input, bytes_max);
  if (!record) return record.error();
  if (!*record) return std::optional<HandshakeRequest>();
  auto request = read_request(**record);
  if (!request) return request.error();
  return std::optional(*std::move(request));
}

base::Result<const HubProtocol*> choose_protocol(const HandshakeRequest& request,
                                                 std::span<const HubProtocol* const> supported,
                                                 bool transport_is_binary) {
  const auto found = std::ranges::find_if(supported, [&](const HubProtocol* protocol) {
    return base::equals_ignoring_case(protocol->name(), request.protocol);
  });
  if (found == supported.end()) return invalid("The protocol '" + request.protocol + "' is not supported.");
  const HubProtocol& protocol = **found;
  if (request.version > protocol.version_max()) {
    return invalid("The server does not support version " + std::to_string(request.version) + " of the '" +
                   request.protocol + "' protocol.");
  }
  if (protocol.is_binary() && !transport_is_binary) {
    return invalid("Cannot use the '" + std::string(protocol.name()) +
                   "' protocol on the current transport. The transport does not support 'Binary' transfer format.");
  }
  return &protocol;
}

std::string handshake_success() { return {'{', '}', kRecordSeparator}; }

std::string handshake_failure(std::string_view error) {
  std::string out = "{\"error\":";
  base::append_json_string(out, error);
  out.push_back('}');
  out.push_back(kRecordSeparator);
  return out;
}

}  // namespace signalr
