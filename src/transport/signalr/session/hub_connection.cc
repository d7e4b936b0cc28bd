#include "transport/signalr/session/hub_connection.h"

#include <utility>

namespace message_service::signalr {

namespace {

constexpr std::string_view kClosedWithError = "Connection closed with an error.";

}  // namespace

HubConnection::HubConnection(Shard& shard, const Hub& hub, const ConnectionOptions& options,
                             const ConnectionObserver& observer, std::string connection_id, OpeningRequest opening)
    : shard_(shard),
      hub_(hub),
      options_(options),
      observer_(observer),
      connection_id_(std::move(connection_id)),
      opening_(std::move(opening)),
      calls_(hub, options.detailed_errors, [this](const HubMessage& message) { send(message); }),
      opened_at_(shard.now()),
      received_at_(shard.now()),
      pinged_at_(shard.now()) {}

Awaitable<void> HubConnection::run(Socket socket, std::string leftover) {
  const auto self = shared_from_this();
  const websocket::StreamOptions stream_options{.egress_bytes_max = options_.egress_bytes_max};
  stream_ = std::make_shared<websocket::Stream>(shard_, std::move(socket), std::move(leftover), stream_options);
  const bool agreed = co_await shake_hands();
  if (agreed) {
    observer_.opened(*protocol_);
    hub_.on_connected(self);
    co_await serve();
    hub_.on_disconnected(self);
    observer_.closed(*protocol_);
  }
  const websocket::Stream::OnData ignore = [](const websocket::Data&) {};
  while (stream_->is_open()) co_await stream_->read(ignore);  // the closing handshake; tick() bounds it
  stream_.reset();
}

// Appends what comes to input_. False when the connection is over.
Awaitable<bool> HubConnection::read() {
  if (peer_ended_) co_return false;
  const websocket::Stream::OnData append = [this](const websocket::Data& data) { input_.append(data.bytes); };
  peer_ended_ = !co_await stream_->read(append);
  received_at_ = shard_.now();
  co_return !closing_ && (!peer_ended_ || !input_.empty());  // what came before the end still counts
}

Awaitable<bool> HubConnection::shake_hands() {
  while (true) {
    const bool more = co_await read();
    if (!more) co_return false;
    std::string_view rest = input_;
    const bool answered = accept_handshake(rest);
    input_.erase(0, input_.size() - rest.size());
    if (closing_) co_return false;
    if (answered) co_return true;
  }
}

// True when the handshake is done; a wrong one closes the connection.
bool HubConnection::accept_handshake(std::string_view& input) {
  const auto refuse = [this](std::string_view error) {
    send_text(handshake_failure(error));
    closing_ = true;
    stream_->close(websocket::close_code::normal, {});
    return false;
  };
  const auto request = parse_handshake(input, options_.message_bytes_max);
  if (!request) {
    return refuse(std::string(kHandshakeFailed) + (options_.detailed_errors ? " " + request.error().text : ""));
  }
  if (!*request) return false;
  const auto protocol = choose_protocol(**request, supported_protocols(), true);
  if (!protocol) return refuse(protocol.error().text);
  protocol_ = *protocol;
  send_text(handshake_success());
  return true;
}

Awaitable<void> HubConnection::serve() {
  // One co_await a statement: GCC 12 miscompiles one behind && in a loop's condition.
  bool more = true;
  while (more) {
    co_await dispatch_input();
    if (closing_) co_return;
    if (input_.empty()) input_.shrink_to_fit();  // an idle connection keeps no buffer
    more = co_await read();
  }
}

Awaitable<void> HubConnection::dispatch_input() {
  const ProtocolLimits limits{.message_bytes_max = options_.message_bytes_max};
  while (!closing_) {
    std::string_view rest = input_;
    auto message = protocol_->parse(rest, limits);
    input_.erase(0, input_.size() - rest.size());
    if (!message) co_return fail(kClosedWithError, message.error().text);
    if (!*message) co_return;
    co_await dispatch(std::move(**message));
  }
}

Awaitable<void> HubConnection::dispatch(HubMessage message) {
  if (std::holds_alternative<Ping>(message)) {
    client_pings_ = true;
  } else if (std::holds_alternative<Close>(message)) {
    closing_ = true;
    stream_->close(websocket::close_code::normal, {});
  } else {
    co_await calls_.take(shared_from_this(), std::move(message));
    received_at_ = shard_.now();  // the client may not have been heard meanwhile
  }
}

void HubConnection::send(const PreparedMessage& message) {
  if (protocol_ != nullptr) send_frames(message.frames_for(*protocol_));
}

void HubConnection::send(const HubMessage& message) {
  if (protocol_ != nullptr) send_frames(prepare(*protocol_, message));
}

void HubConnection::send_frames(const websocket::SharedFrames& frames) {
  if (!offer_frames(frames)) close_as_slow();
}

bool HubConnection::offer(const PreparedMessage& message) {
  return protocol_ == nullptr || offer_frames(message.frames_for(*protocol_));
}

bool HubConnection::offer_frames(const websocket::SharedFrames& frames) {
  if (!is_open()) return true;
  if (!stream_->send(frames)) {
    stream_->flush();  // what waits may only wait for this shard to come to it
    if (!is_open()) return true;
    if (!stream_->send(frames)) return false;
  }
  observer_.sent(1);
  return true;
}

void HubConnection::close_as_slow() {
  if (!is_open()) return;
  observer_.slow_client_closed();
  stream_->drop_egress();
  close("The client reads too slowly.", true);
}

void HubConnection::send_text(std::string text) {
  stream_->send(std::make_shared<const std::string>(websocket::frame(websocket::Opcode::text, text)));
}

void HubConnection::close(std::string_view error, bool allow_reconnect) {
  if (!is_open()) return;
  if (protocol_ != nullptr) {
    stream_->send(prepare(*protocol_, Close{.error = std::string(error), .allow_reconnect = allow_reconnect}));
  }
  closing_ = true;
  stream_->close(websocket::close_code::normal, {});
}

void HubConnection::fail(std::string_view error, std::string_view detail) {
  std::string text(error);
  if (options_.detailed_errors) text.append(" ").append(detail);
  close(text, true);
}

void HubConnection::tick(SteadyTime now) {
  if (!stream_) return;
  stream_->check_deadlines(now);
  if (closing_) return;
  if (protocol_ == nullptr) {
    if (now - opened_at_ < options_.handshake_timeout) return;
    send_text(handshake_failure(kHandshakeCanceled));
    closing_ = true;
    stream_->close(websocket::close_code::normal, {});
    return;
  }
  if (client_pings_ && !calls_.is_busy() && now - received_at_ > options_.client_timeout) {
    return close("Client hasn't sent a message for too long.", true);
  }
  if (now - pinged_at_ >= options_.keep_alive_interval && stream_->egress_bytes() == 0) {
    pinged_at_ = now;
    send(Ping{});
  }
}

}  // namespace message_service::signalr
