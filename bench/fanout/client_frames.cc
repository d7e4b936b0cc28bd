#include "bench/fanout/client_frames.h"

namespace message_service::bench {
namespace {

constexpr char record_end = '\x1e';
constexpr std::size_t short_payload_max = 125;

FrameKind data_frame(HubProtocolKind protocol) {
  return protocol == HubProtocolKind::json ? FrameKind::text : FrameKind::binary;
}

std::string short_text(std::string_view text) { return static_cast<char>(0xA0 | text.size()) + std::string(text); }

}  // namespace

std::string upgrade_request(std::string_view authority, std::uint32_t group, bool offer_compression,
                            std::string_view token) {
  const std::string authorization = token.empty() ? "" : "Authorization: Bearer " + std::string(token) + "\r\n";
  const std::string_view extensions =
      offer_compression ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "";
  return "GET /hubs/messages?group=" + std::to_string(group) + " HTTP/1.1\r\nHost: " + std::string(authority) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: YmVuY2gtZmFub3V0LWtleQ==\r\n" +
         std::string(extensions) + authorization + "\r\n";
}

std::string client_frame(FrameKind kind, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | static_cast<std::uint8_t>(kind)));
  if (payload.size() <= short_payload_max) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  frame.append(4, '\0').append(payload);
  return frame;
}

// Always in text form, for either protocol.
std::string handshake_frame(HubProtocolKind protocol) {
  const std::string name = protocol == HubProtocolKind::json ? "json" : "messagepack";
  return client_frame(FrameKind::text, R"({"protocol":")" + name + R"(","version":1})" + record_end);
}

std::string join_frame(HubProtocolKind protocol, std::string_view conversation) {
  std::string message;
  if (protocol == HubProtocolKind::json) {
    message = R"({"type":1,"invocationId":"1","target":"JoinConversation","arguments":[")" + std::string(conversation) +
              R"("]})" + record_end;
  } else {
    // [1, no headers, id, target, [conversation]], after its length.
    message = std::string("\x95\x01\x80") + short_text("1") + short_text("JoinConversation") + '\x91' +
              short_text(conversation);
    message.insert(message.begin(), static_cast<char>(message.size()));
  }
  return client_frame(data_frame(protocol), message);
}

}  // namespace message_service::bench
