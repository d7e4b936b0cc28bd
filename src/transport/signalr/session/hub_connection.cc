#include "transport/signalr/session/hub_connection.h"

#include <utility>

namespace message_service::signalr {

namespace {

constexpr std::string_view kClosedWithError = "Connection closed with an error.";

}  // namespace

HubConnection::HubConnection(std::shared_ptr<Link> link, const Hub& hub, const ConnectionOptions& options,
                             const ConnectionObserver& observer)
    : link_(std::move(link)),
      hub_(hub),
      options_(options),
      observer_(observer),
      calls_(hub, options.detailed_errors, [this](const HubMessage& message) { send(message); }),
      opened_at_(shard().now()),
      received_at_(shard().now()),
      pinged_at_(shard().now()) {}

Awaitable<void> HubConnection::run() {
  const auto self = shared_from_this();
  link_->set_user(this);
  const bool agreed = co_await shake_hands();
  if (agreed) co_await serve_agreed();
  end();
  link_->set_user(nullptr);
}

Awaitable<void> HubConnection::serve_agreed() {
  const auto self = shared_from_this();
  observer_.opened(link_->transport(), *protocol_);
  hub_.on_connected(self);
  co_await serve();
  hub_.on_disconnected(self);
  observer_.closed(link_->transport(), *protocol_);
}

// Appends what comes to input_. False when the connection is over.
Awaitable<bool> HubConnection::read() {
  const Link::Arrival arrival = co_await link_->read(input_);
  received_at_ = shard().now();
  co_return !closing_ && arrival != Link::Arrival::ended;
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
    send_handshake(handshake_failure(error));
    end();
    return false;
  };
  const auto request = parse_handshake(input, options_.message_bytes_max);
  if (!request) {
    return refuse(std::string(kHandshakeFailed) + (options_.detailed_errors ? " " + request.error().text : ""));
  }
  if (!*request) return false;
  const auto protocol = choose_protocol(**request, supported_protocols(), carries_binary(link_->transport()));
  if (!protocol) return refuse(protocol.error().text);
  protocol_ = *protocol;
  send_handshake(handshake_success());
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
    end();
  } else {
    co_await calls_.take(shared_from_this(), std::move(message));
    received_at_ = shard().now();  // the client may not have been heard meanwhile
  }
}

SharedBytes HubConnection::prepare(const HubMessage& message) const {
  return signalr::prepare(*protocol_, link_->transport(), message);
}

void HubConnection::send(const PreparedMessage& message) {
  if (protocol_ != nullptr) send_bytes(message.bytes_for(*protocol_, link_->transport()));
}

void HubConnection::send(const HubMessage& message) {
  if (protocol_ != nullptr) send_bytes(prepare(message));
}

void HubConnection::send_bytes(const SharedBytes& bytes) {
  if (!offer_bytes(bytes)) close_as_slow();
}

bool HubConnection::offer(const PreparedMessage& message) {
  return protocol_ == nullptr || offer_bytes(message.bytes_for(*protocol_, link_->transport()));
}

bool HubConnection::offer_bytes(const SharedBytes& bytes) {
  if (!is_open()) return true;
  if (!link_->send(bytes)) {
    link_->flush();  // what waits may only wait for this shard to come to it
    if (!is_open()) return true;
    if (!link_->send(bytes)) return false;
  }
  observer_.sent(1);
  return true;
}

void HubConnection::close_as_slow() {
  if (!is_open()) return;
  observer_.slow_client_closed();
  link_->drop_egress();
  close("The client reads too slowly.", true);
}

// In the text form, whatever the protocol will be.
void HubConnection::send_handshake(std::string_view answer) {
  link_->send(framed(link_->transport(), Format::text, answer));
}

void HubConnection::close(std::string_view error, bool allow_reconnect) {
  if (!is_open()) return;
  if (protocol_ != nullptr) {
    link_->send(prepare(Close{.error = std::string(error), .allow_reconnect = allow_reconnect}));
  }
  end();
}

// Behind what is queued.
void HubConnection::end() {
  closing_ = true;
  link_->close();
}

void HubConnection::fail(std::string_view error, std::string_view detail) {
  std::string text(error);
  if (options_.detailed_errors) text.append(" ").append(detail);
  close(text, true);
}

void HubConnection::tick(SteadyTime now) {
  if (closing_) return;
  if (protocol_ == nullptr) {
    if (now - opened_at_ < options_.handshake_timeout) return;
    send_handshake(handshake_failure(kHandshakeCanceled));
    return end();
  }
  if (link_->transport() == Transport::long_polling) return;  // its polls keep it alive; a ping would end each of them
  if (client_pings_ && !calls_.is_busy() && now - received_at_ > options_.client_timeout) {
    return close("Client hasn't sent a message for too long.", true);
  }
  if (now - pinged_at_ >= options_.keep_alive_interval && link_->egress_bytes() == 0) {
    pinged_at_ = now;
    link_->send(prepare(Ping{}));
  }
}

}  // namespace message_service::signalr
