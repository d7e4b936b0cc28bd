#include "signalr/connection/framing.h"

#include <utility>

#include "websocket/codec/deflater.h"
#include "websocket/codec/frame.h"

namespace signalr {

namespace {

websocket::Opcode opcode_of(Format format) {
  return format == Format::binary ? websocket::Opcode::binary : websocket::Opcode::text;
}

}  // namespace

std::string event_of(std::string_view payload) {
  constexpr std::string_view kField = "data: ";
  constexpr std::string_view kEnd = "\r\n";
  std::string event;
  event.reserve(payload.size() + kField.size() + 2 * kEnd.size());
  bool more = true;
  while (more) {
    const std::size_t end = payload.find('\n');
    more = end != std::string_view::npos;
    std::string_view line = payload.substr(0, end);
    if (more) {
      payload.remove_prefix(end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
    }
    event.append(kField).append(line).append(kEnd);
  }
  return event.append(kEnd);
}

runtime::SharedBytes framed(Transport transport, Format format, std::string_view payload) {
  switch (transport) {
    case Transport::websockets:
      return std::make_shared<const std::string>(websocket::frame(opcode_of(format), payload));
    case Transport::server_sent_events:
      return std::make_shared<const std::string>(event_of(payload));
    case Transport::long_polling:
      break;
  }
  return std::make_shared<const std::string>(payload);
}

runtime::SharedBytes deflated(Format format, std::string_view frame) {
  auto bytes = websocket::deflated_frame(opcode_of(format), websocket::payload_of(frame));
  return bytes ? std::make_shared<const std::string>(std::move(*bytes)) : nullptr;
}

}  // namespace signalr
