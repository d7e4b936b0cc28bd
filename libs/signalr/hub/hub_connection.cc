#include "signalr/hub/hub_connection.h"

#include <algorithm>
#include <utility>

#include "http/codec/target.h"
#include "signalr/hub/failure_text.h"

namespace signalr {

namespace {

constexpr int kNumberingVersion = 2;
constexpr auto kHoldTimeout = std::chrono::seconds(1);
constexpr std::string_view kTooSlow = "The client reads too slowly.";

}  // namespace

HubConnection::HubConnection(std::shared_ptr<TransportConnection> transport, const Hub& hub,
                             const ConnectionOptions& options, const ConnectionObserver& observer)
    : transport_(std::move(transport)),
      options_(options),
      observer_(observer),
      calls_(*this, hub, options.calls),
      opened_at_(shard().now()),
      received_at_(shard().now()),
      pinged_at_(shard().now()) {}

runtime::Awaitable<void> HubConnection::run() {
  const auto self = shared_from_this();
  transport_->set_user(this);
  const bool agreed = co_await shake_hands();
  if (agreed) co_await serve_agreed();
  end();
  runtime::Shard::forget(*this);
  transport_->set_user(nullptr);
}

runtime::Awaitable<void> HubConnection::serve_agreed() {
  observer_.opened(transport_->transport(), *protocol_);
  const bool let_in = co_await calls_.begin();
  if (let_in) co_await serve();
  co_await calls_.end(end_error_);
  observer_.closed(transport_->transport(), *protocol_);
}

// Appends the bytes that arrive to input_. False when the connection has ended.
runtime::Awaitable<bool> HubConnection::read() {
  const TransportConnection::Arrival arrival = co_await transport_->read(input_);
  received_at_ = shard().now();
  if (arrival == TransportConnection::Arrival::resumed) {
    input_.clear();
    if (buffer_) buffer_->received.await_sequence();
  }
  const bool ended = arrival == TransportConnection::Arrival::ended;
  if (ended && !closing_ && transport_->is_broken() && end_error_.empty())
    end_error_ = "The client has gone without closing the connection.";
  co_return !closing_ && !ended;
}

runtime::Awaitable<bool> HubConnection::shake_hands() {
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

// True when the handshake is done. A wrong handshake closes the connection.
bool HubConnection::accept_handshake(std::string_view& input) {
  const auto refuse = [this](std::string_view error) {
    send_handshake(handshake_failure(error));
    end();
    return false;
  };
  const auto request = parse_handshake(input, options_.message_bytes_max);
  if (!request) {
    return refuse(std::string(kHandshakeFailed) + (options_.calls.detailed_errors ? " " + request.error().text : ""));
  }
  if (!*request) return false;
  const auto protocol = choose_protocol(**request, supported_protocols(), carries_binary(transport_->transport()));
  if (!protocol) return refuse(protocol.error().text);
  const auto names = wanted_names();
  if (!names) return refuse("messagePackPropertyNames must be camelCase or PascalCase.");
  protocol_ = &with_names(**protocol, *names);
  send_handshake(handshake_success());
  if ((*request)->version >= kNumberingVersion && transport_->allow_resume()) begin_numbering();
  return true;
}

// Nothing when the client asks for names that do not exist.
std::optional<PropertyNames> HubConnection::wanted_names() const {
  const auto wanted = opening().query_value("messagePackPropertyNames");
  if (!wanted) return options_.message_pack_names;
  if (http::equals_ignoring_case(*wanted, "camelCase")) return PropertyNames::camel_case;
  if (http::equals_ignoring_case(*wanted, "PascalCase")) return PropertyNames::pascal_case;
  return std::nullopt;
}

runtime::Awaitable<void> HubConnection::serve() {
  // One co_await a statement: GCC 12 miscompiles a co_await after && in a loop's condition.
  bool more = true;
  while (more) {
    co_await dispatch_input();
    if (closing_) co_return;
    if (input_.empty()) input_.shrink_to_fit();  // an idle connection keeps no buffer
    more = co_await read();
  }
}

runtime::Awaitable<void> HubConnection::dispatch_input() {
  while (!closing_) {
    const std::string_view all = std::string_view(input_).substr(input_taken_);
    std::string_view rest = all;
    auto message = protocol_->parse(rest, limits());
    const std::string_view taken = all.substr(0, all.size() - rest.size());
    input_taken_ += taken.size();
    if (!message) co_return fail(message.error().text);
    if (!*message) break;
    const bool turn_over = budget_.spend(taken.size());
    bool is_new = true;
    if (buffer_) {
      is_new = accept_numbered(**message, taken.size());
      if (!buffer_->waiting.empty()) co_await dispatch_waiting();
    }
    const bool waits = buffer_ && is_new && is_numbered(**message) && is_crowded();
    if (waits) let_wait(taken);
    const bool seen_to = waits || !is_new || see_to(**message);
    if (!seen_to) co_await dispatch(std::move(**message));
    if (turn_over) co_await runtime::give_way(shard());
  }
  input_.erase(0, std::exchange(input_taken_, 0));
}

// So much is unacknowledged that an answer might find no room. The acknowledgements that make room arrive after the
// calls that have to wait for it.
bool HubConnection::is_crowded() const {
  return !buffer_->waiting.empty() || buffer_->sent.bytes() > options_.unacknowledged_bytes_max / 2;
}

void HubConnection::let_wait(std::string_view bytes) {
  auto& [sent, received, holding, waiting, taken, messages] = *buffer_;
  if (waiting.size() - taken + bytes.size() > options_.unacknowledged_bytes_max) return close_as_slow();
  if (taken > waiting.size() / 2) waiting.erase(0, std::exchange(taken, 0));
  waiting.append(bytes);
  ++messages;
}

runtime::Awaitable<void> HubConnection::dispatch_waiting() {
  MessageBuffer& buffer = *buffer_;
  while (!closing_ && buffer.waiting_taken < buffer.waiting.size() &&
         buffer.sent.bytes() <= options_.unacknowledged_bytes_max / 2) {
    std::string_view rest = std::string_view(buffer.waiting).substr(buffer.waiting_taken);
    auto message = protocol_->parse(rest, limits());  // the same bytes parsed once before
    const bool turn_over = budget_.spend(buffer.waiting.size() - buffer.waiting_taken - rest.size());
    buffer.waiting_taken = buffer.waiting.size() - rest.size();
    --buffer.waiting_messages;
    co_await dispatch(std::move(**message));
    if (turn_over) co_await runtime::give_way(shard());
  }
  if (buffer.waiting_taken < buffer.waiting.size()) co_return;
  buffer.waiting = {};
  buffer.waiting_taken = 0;
}

// Handles the messages that belong to no call. False: the message belongs to one.
bool HubConnection::see_to(const HubMessage& message) {
  if (std::holds_alternative<Ping>(message)) {
    client_pings_ = true;
  } else if (std::holds_alternative<Close>(message)) {
    end();
  } else {
    return !is_numbered(message);
  }
  return true;
}

runtime::Awaitable<void> HubConnection::dispatch(HubMessage message) {
  co_await calls_.take(std::move(message));
  received_at_ = shard().now();  // the client may not have been read meanwhile
}

// Microsoft's JavaScript client does not count messages that arrive in one piece with the answer to its handshake, and
// its count would stay wrong by that number. The client's first message shows that it is past this point; the server
// does not wait long for a silent client.
void HubConnection::begin_numbering() {
  buffer_ = std::make_unique<MessageBuffer>();
  shard().after(kHoldTimeout, std::shared_ptr<runtime::Expirable>(shared_from_this(), this));
}

void HubConnection::release_held() {
  if (!buffer_ || !std::exchange(buffer_->holding, false)) return;
  send_all_unacknowledged();
}

// The limit on unacknowledged bytes already bounds these.
void HubConnection::send_all_unacknowledged() {
  for (const runtime::SharedBytes& bytes : buffer_->sent.messages()) transport_->send(bytes, false);
}

// The client is back on a new socket: the first message must say where the numbering continues.
void HubConnection::resumed() {
  if (!buffer_ || !is_open()) return;
  received_at_ = shard().now();
  end_error_.clear();
  buffer_->holding = false;
  SentMessages& sent = buffer_->sent;
  sent.begin_again();
  transport_->send(prepare(Sequence{sent.sequence()}), false);
  const runtime::SharedBytes stand_in = prepare(Completion{.invocation_id = "-"});
  for (std::int64_t n = 0; n < sent.placeholders(); ++n) transport_->send(stand_in, false);
  send_all_unacknowledged();
}

// False when the message has been handled here, or had arrived before.
bool HubConnection::accept_numbered(const HubMessage& message, std::size_t bytes) {
  release_held();
  if (const auto* sequence = std::get_if<Sequence>(&message)) {
    if (!buffer_->received.begin_at(sequence->sequence_id)) {
      fail("Sequence ID greater than amount of messages we've received.");
    }
    return false;
  }
  if (buffer_->received.is_awaiting_sequence()) return false;
  if (const auto* ack = std::get_if<Ack>(&message)) {
    if (!buffer_->sent.acknowledge(ack->sequence_id)) fail("Ack of what was never sent.");
    return false;
  }
  if (!is_numbered(message)) return true;
  const bool is_new = buffer_->received.take(bytes);
  if (buffer_->received.is_ack_due_soon()) acknowledge();
  return is_new;
}

void HubConnection::acknowledge() {
  if (!transport_->is_connected()) return;
  transport_->send(prepare(Ack{buffer_->received.last() - buffer_->waiting_messages}), false);
  buffer_->received.acknowledged();
}

std::size_t HubConnection::egress_bytes() const {
  return buffer_ ? std::max(buffer_->sent.bytes(), transport_->egress_bytes()) : transport_->egress_bytes();
}

runtime::SharedBytes HubConnection::prepare(const HubMessage& message) const {
  return signalr::prepare(*protocol_, transport_->transport(), message);
}

void HubConnection::send(const PreparedMessage& message) {
  if (!offer(message)) close_as_slow();
}

void HubConnection::send(const HubMessage& message) {
  if (protocol_ == nullptr) return;
  const runtime::SharedBytes plain = prepare(message);
  const bool deflate = transport_->wants_deflated(plain->size());
  const runtime::SharedBytes bytes = deflate ? deflated_or_plain(*protocol_, plain) : plain;
  if (!offer_bytes(plain, bytes, is_numbered(message))) close_as_slow();
}

bool HubConnection::offer(const PreparedMessage& message) {
  if (protocol_ == nullptr) return true;
  const runtime::SharedBytes& plain = message.bytes_for(*protocol_, transport_->transport());
  const bool deflate = transport_->wants_deflated(plain->size());
  return offer_bytes(plain, deflate ? message.deflated_for(*protocol_) : plain, is_numbered(message.message()));
}

// A message that may have to be sent again is kept uncompressed: the client's next socket may not have agreed on
// compression.
bool HubConnection::offer_bytes(const runtime::SharedBytes& plain, const runtime::SharedBytes& bytes, bool numbered) {
  if (!is_open()) return true;
  if (buffer_ && numbered) {
    SentMessages& sent = buffer_->sent;
    const bool room = sent.messages().empty() || sent.bytes() + plain->size() <= options_.unacknowledged_bytes_max;
    if (!room) return false;
    sent.add(plain);
    if (!buffer_->holding) transport_->send(bytes, false);
  } else if (!offer_to_transport(bytes)) {
    return false;
  }
  observer_.sent(1);
  return true;
}

bool HubConnection::offer_to_transport(const runtime::SharedBytes& bytes) {
  if (transport_->send(bytes)) return true;
  transport_->flush();  // the queue may only wait for this shard to write it
  return !is_open() || transport_->send(bytes);
}

void HubConnection::close_as_slow() {
  if (!is_open()) return;
  observer_.slow_client_closed();
  transport_->drop_egress();
  close(kTooSlow, true);
}

void HubConnection::drain() {
  if (protocol_ != nullptr && is_open()) calls_.hub().draining(*this);
  close({}, true);
}

// No client is left to notify.
void HubConnection::cut_off() {
  if (closing_) return;
  observer_.slow_client_closed();
  end_error_ = kTooSlow;
}

// In the text form, whichever protocol follows.
void HubConnection::send_handshake(std::string_view answer) {
  transport_->send(framed(transport_->transport(), Format::text, answer));
}

void HubConnection::close(std::string_view error, bool allow_reconnect) {
  if (!is_open()) return;
  end_error_ = error;
  if (protocol_ != nullptr) {
    transport_->send(prepare(Close{.error = std::string(error), .allow_reconnect = allow_reconnect}), false);
  }
  end();
}

// Ends the connection after everything that is queued.
void HubConnection::end() {
  closing_ = true;
  transport_->close();
  calls_.cancel();
}

// The client has broken the protocol.
void HubConnection::fail(std::string_view detail) {
  close(failure_text::connection_closed(options_.calls.detailed_errors ? detail : ""), true);
}

void HubConnection::tick(base::SteadyTime now) {
  if (!is_open()) return calls_.cancel();  // the reader may wait for a call, and not have seen the end
  if (protocol_ == nullptr) {
    if (now - opened_at_ < options_.handshake_timeout) return;
    send_handshake(handshake_failure(kHandshakeCanceled));
    return end();
  }
  if (transport_->transport() == Transport::long_polling)
    return;                                 // polls keep the connection alive; a ping would end each poll
  if (!transport_->is_connected()) return;  // the client has time to come back
  if (buffer_ && buffer_->received.is_ack_due()) acknowledge();
  if (client_pings_ && !calls_.is_busy() && now - received_at_ > options_.client_timeout) {
    return close("Client hasn't sent a message for too long.", true);
  }
  if (now - pinged_at_ >= options_.keep_alive_interval && transport_->egress_bytes() == 0) {
    pinged_at_ = now;
    transport_->send(prepare(Ping{}), false);
  }
}

}  // namespace signalr
