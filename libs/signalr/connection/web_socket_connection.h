// A client on a WebSocket. Where both sides number their messages, the client may lose its socket and come back with
// another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/codec/message.h"
#include "signalr/connection/transport_connection.h"
#include "signalr/connection/whole_messages.h"
#include "websocket/codec/deflate_agreement.h"
#include "websocket/stream/stream.h"

namespace signalr {

class WebSocketConnection final : public TransportConnection {
 public:
  WebSocketConnection(runtime::Shard& shard, std::string id, OpeningRequest opening, const TransportOptions& options,
                      bool stateful);

  // Gives the connection its socket, with the agreement on compression; a later socket replaces the one before. Called
  // on the connection's shard; the socket must be bound to that shard too.
  void attach(http::Upgraded upgraded, const std::optional<websocket::DeflateAgreement>& deflate);

  runtime::Awaitable<Arrival> read(std::string& input) override;
  void begin_with(std::string bytes, Room room) override {
    early_ = std::move(bytes);
    early_room_ = std::move(room);
  }
  bool send(runtime::SharedBytes bytes, bool bounded) override { return stream_->send(std::move(bytes), bounded); }
  void flush() override { stream_->flush(); }
  std::size_t egress_bytes() const override { return stream_ ? stream_->egress_bytes() : 0; }
  void drop_egress() override { stream_->drop_egress(); }
  void close(bool failed) override;
  void abort() override;
  bool is_open() const override { return stream_ && !closing_ && !ended_ && (resumable_ || stream_->is_open()); }
  bool is_broken() const override { return ended_ && !(stream_ && stream_->peer_closed()); }
  runtime::Awaitable<void> finish() override;
  bool allow_resume() override { return resumable_ = stateful_; }
  bool can_resume() const override { return resumable_ && is_open(); }
  bool is_connected() const override { return stream_ && stream_->is_open(); }
  void tick(base::SteadyTime now) override;
  void discard() override;

 private:
  runtime::Awaitable<void> wait_for_socket();
  void wake();

  const TransportOptions& options_;
  const bool stateful_;
  std::string early_;  // POSTed before the socket opened, and not read yet
  Room early_room_;
  std::shared_ptr<websocket::Stream> stream_;
  std::unique_ptr<WholeMessages> messages_;  // where messages are read whole
  std::function<void(bool)> wake_;           // wakes read(), which waits for a new socket
  bool resumable_ = false;
  bool resumed_ = false;  // a new socket is there, and read() has not reported it yet
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace signalr
