// One WebSocket connection after its handshake: reads frames, answers control frames, and writes from a bounded queue.
//
// Lives on its shard's thread, held by shared_ptr. It owns no read buffer while it waits, and what it writes is shared
// with whoever else gets the same bytes. Owner: the coroutine that calls read() until it tells that the stream is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/executors/shard.h"
#include "transport/websocket/codec/frame.h"
#include "transport/websocket/codec/frame_parser.h"

namespace message_service::websocket {

// Whole frames, ready for the wire; one string serves every client that they go to.
using SharedFrames = std::shared_ptr<const std::string>;

struct StreamOptions {
  std::uint64_t message_bytes_max = FrameParser::kUnlimited;
  std::size_t egress_bytes_max = std::size_t{1} << 20;
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);  // for the peer's Close after ours
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);  // without a byte taken by the peer
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using OnData = std::function<void(const Data&)>;

  Stream(Shard& shard, Socket socket, std::string leftover, const StreamOptions& options);
  ~Stream();

  // Waits for bytes and hands the pieces of data in them to `on_data`, which must not keep the views. False when the
  // stream is over: closed by the peer, by us, or broken.
  Awaitable<bool> read(const OnData& on_data);

  // Queues frames, to go out when the shard's present work is done. False, and nothing queued, when too much waits.
  bool send(SharedFrames frames);

  // Writes what the socket takes now.
  void flush();

  bool is_open() const { return socket_.is_open(); }

  // What waits to be written.
  std::size_t egress_bytes() const { return egress_bytes_; }

  // Drops what has not begun to be written. For a reader that is too slow to be owed it.
  void drop_egress();

  // Sends a Close frame behind what is queued; read() goes on until the peer answers it or the time is over.
  void close(std::uint16_t code, std::string_view reason);

  // Cuts the connection now.
  void abort();

  // Enforces the two timeouts; the owner calls it about once a second.
  void check_deadlines(SteadyTime now);

 private:
  bool handle_input(std::span<char> input, const OnData& on_data);
  bool handle(const Event& event, const OnData& on_data);
  void schedule_flush();
  void finish_if_closed();

  Shard& shard_;
  Socket socket_;
  const StreamOptions options_;
  FrameParser parser_;
  std::string leftover_;

  std::deque<SharedFrames> egress_;
  std::size_t egress_bytes_ = 0;
  std::size_t front_written_ = 0;  // of the first in the queue
  bool flush_scheduled_ = false;
  bool waiting_to_write_ = false;
  SteadyTime progress_at_;

  bool close_sent_ = false;
  bool close_received_ = false;
  SteadyTime close_sent_at_{};
};

}  // namespace message_service::websocket
