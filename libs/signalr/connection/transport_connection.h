// One client below the hub's protocol: bytes arrive, whole messages leave, over whichever transport the client has
// opened.
//
// Belongs to one shard, where everything but the plain facts about it is used. Held by shared_ptr. The coroutine that
// serves the client reads until the end, and then waits for finish(). A request of the client that arrives at another
// shard is moved to this one.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/bounds.h"
#include "runtime/shard.h"
#include "signalr/connection/framing.h"
#include "signalr/connection/opening_request.h"

namespace signalr {

// Compression of WebSocket messages, with clients that offer it; docs/signalr.md lists its savings and costs.
struct CompressionOptions {
  bool enabled = false;
  std::size_t bytes_min = 1024;  // a shorter message is sent as it is
  static constexpr base::Bounds<std::size_t> bytes_min_bounds{128, std::size_t{64} << 20};
};

struct TransportOptions {
  std::size_t egress_bytes_max = std::size_t{1} << 20;
  static constexpr base::Bounds<std::size_t> egress_bytes_bounds{std::size_t{16} << 10, std::size_t{1} << 30};
  // Of one POST or compressed message; a client puts all that it has waiting into one.
  std::size_t post_bytes_max = std::size_t{1} << 20;
  static constexpr base::Bounds<std::size_t> post_bytes_bounds{std::size_t{1} << 10, std::size_t{64} << 20};
  // Posted and not yet read, also before a transport is open; the bodies of further POSTs stay with their clients.
  std::size_t ingress_bytes_max = std::size_t{64} << 10;
  // When not 0, WebSocket messages are read one at a time, each whole, and may be as long as this. Otherwise bytes are
  // read as they arrive: a hub's protocol has bounds of its own.
  std::size_t whole_message_bytes_max = 0;
  std::chrono::milliseconds disconnect_timeout = std::chrono::seconds(15);  // for a client without a connection
  std::chrono::milliseconds poll_timeout = std::chrono::seconds(90);
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);
  // Of each timeout.
  static constexpr base::Bounds<std::chrono::milliseconds> timeout_bounds{std::chrono::milliseconds(100),
                                                                          std::chrono::minutes(10)};
  CompressionOptions compression{};
};

// Serves one TransportConnection; these calls report events from elsewhere. Called on the connection's shard.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void tick(base::SteadyTime now) = 0;  // about once a second
  virtual void drain() = 0;                     // the server is going to stop
  virtual void let_go() = 0;                    // the client may not stay; it may come back, with another token
  virtual void cut_off() {}                     // the client has taken nothing for too long, and lost its connection
  virtual void shed(std::size_t /*bytes*/) {}   // memory is short: drop the client if more than that many bytes wait
  virtual void resumed() {}  // the client is back on a new socket, see TransportConnection::allow_resume()
  // The client has brought a new token; its answer waits for this.
  virtual runtime::Awaitable<void> renewed() { co_return; }
};

class TransportConnection : public std::enable_shared_from_this<TransportConnection> {
 public:
  TransportConnection(runtime::Shard& shard, std::string id, OpeningRequest opening)
      : shard_(shard), id_(std::move(id)), opening_(std::move(opening)) {}
  virtual ~TransportConnection() = default;
  TransportConnection(const TransportConnection&) = delete;
  TransportConnection& operator=(const TransportConnection&) = delete;

  // Any thread.
  runtime::Shard& shard() const { return shard_; }
  const std::string& id() const { return id_; }  // the public one
  const OpeningRequest& opening() const { return opening_; }
  Transport transport() const { return opening_.transport; }

  // Waits for bytes and appends them to `input`. `resumed`: the bytes that follow arrive on a new socket; an unfinished
  // message already in `input` will never be finished.
  enum class Arrival : std::uint8_t { data, resumed, ended };
  virtual runtime::Awaitable<Arrival> read(std::string& input) = 0;

  // Whether a message of that size is to be sent compressed where that makes it shorter, see framing.h.
  bool wants_deflated(std::size_t bytes) const { return bytes >= deflate_bytes_min_ && bytes <= deflate_bytes_max_; }

  // Queues whole messages that framed() made for this transport. False, with nothing queued, when too much waits. With
  // `bounded` false there is no such limit: the sender has bounded the bytes itself.
  virtual bool send(runtime::SharedBytes bytes, bool bounded = true) = 0;
  virtual void flush() = 0;
  virtual std::size_t egress_bytes() const = 0;

  // Drops the messages that have not begun to be written. For a client that reads too slowly to be owed them.
  virtual void drop_egress() = 0;

  // Ends the connection after everything that is queued; read() then reports the end. With `failed` the client learns
  // of the failure, where the transport can say it.
  virtual void close(bool failed = false) = 0;

  // Ends the connection now.
  virtual void abort() = 0;

  // True until close(), abort() or the client's end.
  virtual bool is_open() const = 0;

  // After the connection has ended: the client disconnected without a close.
  virtual bool is_broken() const { return false; }

  // Waits until the client knows that the connection has ended, or can no longer learn it.
  virtual runtime::Awaitable<void> finish() = 0;

  // Reserves space for the bytes of a POST; the connection holds it until its reader is done with them.
  using Room = std::shared_ptr<void>;

  // Takes the bytes that the client POSTed before it opened this transport; the reader gets them first. Called before
  // any other function.
  virtual void begin_with(std::string bytes, Room room) = 0;

  // Takes a POST of the client. False when the connection has ended, or takes no POSTs.
  virtual bool receive(std::string bytes, Room room);
  bool takes_posts() const { return transport() != Transport::websockets; }

  // Whether a second socket may replace the present one. The user() allows it after client and server have agreed to
  // number their messages: from then on a lost socket leaves the connection open for the disconnect timeout. False: the
  // client has not asked for it at its negotiation.
  virtual bool allow_resume() { return false; }
  virtual bool can_resume() const { return false; }
  // False while a resumable connection has no socket.
  virtual bool is_connected() const { return is_open(); }

  // Checks deadlines; called about once a second.
  virtual void tick(base::SteadyTime now) = 0;

  // Forgets every coroutine that waits, without waking it: the shards have stopped for good.
  virtual void discard() {}

  // The client has brought another token of the same user. On the shard.
  void renew(std::optional<User> user, std::shared_ptr<const http::Principal> principal, const TokenTimes& times);
  const TokenTimes& token_times() const { return token_times_; }

  void set_user(ConnectionHandler* user) { user_ = user; }
  ConnectionHandler* user() const { return user_; }

 protected:
  // Messages of these sizes, both included, are compressed for the client; before the first call, none are.
  void set_deflated_sizes(std::size_t bytes_min, std::size_t bytes_max) {
    deflate_bytes_min_ = bytes_min;
    deflate_bytes_max_ = bytes_max;
  }

 private:
  runtime::Shard& shard_;
  const std::string id_;
  OpeningRequest opening_;
  TokenTimes token_times_;
  ConnectionHandler* user_ = nullptr;
  std::size_t deflate_bytes_min_ = 1;
  std::size_t deflate_bytes_max_ = 0;
};

}  // namespace signalr
