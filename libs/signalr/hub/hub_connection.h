// One client of a hub, on any transport: handshake, messages in (calls are handed to Invocations), messages out,
// keep-alive, close.
//
// Lives on its shard's thread, held by shared_ptr; run() is the coroutine that owns it, and returns when every call has
// ended. While a message waits for its turn among the client's calls, nothing more is read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bounds.h"
#include "runtime/shard.h"
#include "runtime/turn_budget.h"
#include "signalr/connection/message_buffer.h"
#include "signalr/connection/prepared_message.h"
#include "signalr/connection/transport_connection.h"
#include "signalr/hub/hub.h"
#include "signalr/hub/invocations.h"
#include "signalr/protocol/handshake.h"
#include "signalr/protocol/message.h"
#include "signalr/protocol/protocol.h"

namespace signalr {

struct ConnectionOptions {
  std::chrono::milliseconds keep_alive_interval = std::chrono::seconds(15);
  std::chrono::milliseconds client_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(15);
  // Of each of the three.
  static constexpr base::Bounds<std::chrono::milliseconds> timeout_bounds{std::chrono::milliseconds(100),
                                                                          std::chrono::minutes(10)};
  std::size_t message_bytes_max = std::size_t{32} << 10;
  static constexpr base::Bounds<std::size_t> message_bytes_bounds{std::size_t{1} << 10, std::size_t{64} << 20};
  std::size_t unacknowledged_bytes_max = std::size_t{1} << 20;  // of a client that may come back with a new socket
  // Of members in MessagePack. A client may choose other names with `?messagePackPropertyNames=` in the hub's address.
  PropertyNames message_pack_names = PropertyNames::as_declared;
  CallOptions calls;
};

// Events that an observer of many connections may count. Called on the shard's thread.
struct ConnectionObserver {
  std::function<void(std::size_t messages)> sent = [](std::size_t) {};
  std::function<void()> slow_client_closed = [] {};
  std::function<void(Transport, const HubProtocol&)> opened = [](Transport, const HubProtocol&) {};
  std::function<void(Transport, const HubProtocol&)> closed = [](Transport, const HubProtocol&) {};
};

class HubConnection : public std::enable_shared_from_this<HubConnection>,
                      private ConnectionHandler,
                      private runtime::Expirable {
 public:
  HubConnection(std::shared_ptr<TransportConnection> transport, const Hub& hub, const ConnectionOptions& options,
                const ConnectionObserver& observer);

  // Serves the client until either side ends it.
  runtime::Awaitable<void> run();

  const std::string& id() const { return transport_->id(); }
  const OpeningRequest& opening() const { return transport_->opening(); }
  runtime::Shard& shard() const { return transport_->shard(); }
  Invocations& calls() { return calls_; }

  // Sends to this client. A client that reads too slowly is closed instead, and asked to reconnect.
  void send(const PreparedMessage& message);
  void send(const HubMessage& message);

  // The same, but returns false and sends nothing when there is no room just now.
  bool offer(const PreparedMessage& message);

  // Closes a client that has had enough time.
  void close_as_slow();

  // The bytes that wait to be written, or to be acknowledged where client and server have agreed on that.
  std::size_t egress_bytes() const;
  bool is_open() const { return !closing_ && transport_->is_open(); }

  // Ends the connection after everything that is queued. The client reconnects by itself only with `allow_reconnect`.
  void close(std::string_view error, bool allow_reconnect);

 private:
  void tick(base::SteadyTime now) override;
  void drain() override;
  void let_go() override { close({}, true); }
  void cut_off() override;
  void shed(std::size_t bytes) override {
    if (egress_bytes() > bytes) close_as_slow();
  }
  void resumed() override;
  runtime::Awaitable<void> renewed() override { return calls_.renewed(); }
  void expire() override { release_held(); }
  runtime::Awaitable<void> serve();
  runtime::Awaitable<bool> read();
  runtime::Awaitable<bool> shake_hands();
  bool accept_handshake(std::string_view& input);
  std::optional<PropertyNames> wanted_names() const;
  runtime::Awaitable<void> dispatch_input();
  runtime::Awaitable<void> dispatch(HubMessage message);
  bool see_to(const HubMessage& message);
  ProtocolLimits limits() const { return {.message_bytes_max = options_.message_bytes_max}; }
  bool accept_numbered(const HubMessage& message, std::size_t bytes);
  void acknowledge();
  void release_held();
  void send_all_unacknowledged();
  runtime::Awaitable<void> serve_agreed();
  runtime::SharedBytes prepare(const HubMessage& message) const;
  bool offer_bytes(const runtime::SharedBytes& plain, const runtime::SharedBytes& bytes, bool numbered);
  bool offer_to_transport(const runtime::SharedBytes& bytes);
  void send_handshake(std::string_view answer);
  void end();
  void fail(std::string_view detail);

  const std::shared_ptr<TransportConnection> transport_;
  const ConnectionOptions& options_;
  const ConnectionObserver& observer_;
  Invocations calls_;

  const HubProtocol* protocol_ = nullptr;  // set by the handshake
  std::string input_;                      // received
  std::size_t input_taken_ = 0;            // of input_
  runtime::TurnBudget budget_;
  bool closing_ = false;
  std::string end_error_;  // why the connection was closed; empty for a graceful end

  // Where client and server number their messages.
  struct MessageBuffer {
    SentMessages sent;
    ReceivedMessages received;
    bool holding = true;  // messages are only kept for now, see begin_numbering()
    // Received messages whose answers would find no room. They are kept in their received form, so that their bytes
    // bound them.
    std::string waiting;
    std::size_t waiting_taken = 0;  // bytes of them, off the front
    std::int64_t waiting_messages = 0;
  };
  bool is_crowded() const;
  void let_wait(std::string_view bytes);
  runtime::Awaitable<void> dispatch_waiting();
  void begin_numbering();
  std::unique_ptr<MessageBuffer> buffer_;

  bool client_pings_ = false;  // only then does silence mean anything
  base::SteadyTime opened_at_;
  base::SteadyTime received_at_;
  base::SteadyTime pinged_at_;
};

}  // namespace signalr
