// One client below the hub's protocol: bytes come in, whole messages go out, over whichever transport it has opened.
//
// Belongs to one shard, where everything but the plain facts about it is used; held by shared_ptr. The coroutine that
// serves the client reads until the end, and then waits for finish(). Requests that belong to the client and come to
// another shard are taken to this one.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "runtime/executors/shard.h"
#include "transport/signalr/hub/opening_request.h"
#include "transport/signalr/link/framing.h"

namespace message_service::signalr {

struct LinkOptions {
  std::size_t egress_bytes_max = std::size_t{1} << 20;
  std::size_t post_bytes_max = std::size_t{1} << 20;  // of one POST; clients put what waits into one
  std::size_t ingress_bytes_max = std::size_t{64}
                                  << 10;  // posted and not yet read; further POSTs wait for their answer
  std::chrono::milliseconds disconnect_timeout = std::chrono::seconds(15);  // for a client without a connection
  std::chrono::milliseconds poll_timeout = std::chrono::seconds(90);
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);
};

// Who serves a link, for what comes from elsewhere. Called on the link's shard.
class LinkUser {
 public:
  virtual ~LinkUser() = default;
  virtual void tick(SteadyTime now) = 0;  // about once a second
  virtual void drain() = 0;               // the server is going to stop
  virtual void resumed() {}               // the client is back on a new socket, see Link::allow_resume()
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Shard& shard, std::string id, OpeningRequest opening)
      : shard_(shard), id_(std::move(id)), opening_(std::move(opening)) {}
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Any thread.
  Shard& shard() const { return shard_; }
  const std::string& id() const { return id_; }  // the public one
  const OpeningRequest& opening() const { return opening_; }
  Transport transport() const { return opening_.transport; }

  // Waits for bytes and appends them to `input`. `resumed`: what follows comes from a new socket; of what is there, an
  // unfinished message will never be finished.
  enum class Arrival : std::uint8_t { data, resumed, ended };
  virtual Awaitable<Arrival> read(std::string& input) = 0;

  // Queues whole messages as framed() made them for this transport. False, and nothing queued, when too much waits,
  // unless the sender has bounded it.
  virtual bool send(SharedBytes bytes, bool bounded = true) = 0;
  virtual void flush() = 0;
  virtual std::size_t egress_bytes() const = 0;

  // Drops what has not begun to be written. For a reader that is too slow to be owed it.
  virtual void drop_egress() = 0;

  // Ends the connection behind what is queued; read() tells when that is done. `failed` tells the client so, where the
  // transport can.
  virtual void close(bool failed = false) = 0;

  // Ends it now.
  virtual void abort() = 0;

  // Until close(), abort() or the client's end.
  virtual bool is_open() const = 0;

  // Once it is over: the client has gone without a word.
  virtual bool is_broken() const { return false; }

  // Waits until the client knows that it is over, or cannot be told.
  virtual Awaitable<void> finish() = 0;

  // What a client POSTs. Resumes when the reader has room for more; false when the connection is over.
  virtual Awaitable<bool> receive(std::string bytes);
  bool takes_posts() const { return transport() != Transport::websockets; }

  // Whether a second socket may take the place of the one there is. The user allows it, once client and server have
  // agreed to number their messages: from then on a lost socket leaves the link open for the disconnect timeout. False:
  // the client has not asked for it at its negotiation.
  virtual bool allow_resume() { return false; }
  virtual bool can_resume() const { return false; }
  // False while a resumable link has no socket.
  virtual bool is_connected() const { return is_open(); }

  // Deadlines; called about once a second.
  virtual void tick(SteadyTime now) = 0;

  // Forgets every coroutine that waits, without waking it: the shards have stopped for good.
  virtual void discard() {}

  void set_user(LinkUser* user) { user_ = user; }
  LinkUser* user() const { return user_; }

 private:
  Shard& shard_;
  const std::string id_;
  const OpeningRequest opening_;
  LinkUser* user_ = nullptr;
};

}  // namespace message_service::signalr
