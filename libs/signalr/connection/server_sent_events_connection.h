// A client that reads server-sent events and sends by POST.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "http/codec/message.h"
#include "runtime/socket_writer.h"
#include "signalr/connection/inbox.h"
#include "signalr/connection/transport_connection.h"

namespace signalr {

// The answer that stays open: events leave, and nothing arrives but the client's end.
class EventStream final : public runtime::SocketWriter {
 public:
  EventStream(runtime::Shard& shard, runtime::Connection connection, const TransportOptions& options);

  // Calls `ended` once, when the connection is over.
  void watch(std::function<void()> ended);

  // Ends the stream after everything that is queued.
  void close();

  // True when the client has taken nothing for too long, and was cut off now.
  bool check_deadlines(base::SteadyTime now);

 private:
  void await_end();
  void on_written() override;

  const std::chrono::milliseconds close_timeout_;
  std::function<void()> ended_;
  bool closing_ = false;
  bool shut_down_ = false;
  base::SteadyTime closed_at_{};
};

class ServerSentEventsConnection final : public TransportConnection {
 public:
  ServerSentEventsConnection(runtime::Shard& shard, std::string id, OpeningRequest opening,
                             const TransportOptions& options);

  // Gives the connection its socket, after the head of the answer.
  void attach(http::Upgraded upgraded);

  // The head of the answer, with the bytes that open the stream.
  static http::Response opening_response(http::Response::Upgrade upgrade);

  runtime::Awaitable<Arrival> read(std::string& input) override;
  void begin_with(std::string bytes, Room room) override { inbox_.put(std::move(bytes), std::move(room)); }
  bool receive(std::string bytes, Room room) override { return inbox_.put(std::move(bytes), std::move(room)); }
  bool send(runtime::SharedBytes bytes, bool bounded) override { return stream_->send(std::move(bytes), bounded); }
  void flush() override { stream_->flush(); }
  std::size_t egress_bytes() const override { return stream_ ? stream_->egress_bytes() : 0; }
  void drop_egress() override { stream_->drop_egress(); }
  void close(bool failed) override;
  void abort() override;
  bool is_open() const override { return stream_ && !closing_ && !ended_; }
  runtime::Awaitable<void> finish() override;
  void tick(base::SteadyTime now) override;
  void discard() override;

 private:
  void end();

  const TransportOptions& options_;
  Inbox inbox_;
  std::shared_ptr<EventStream> stream_;
  std::function<void(bool)> finished_;
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace signalr
