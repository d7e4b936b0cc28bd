// One WebSocket connection after its handshake: reads frames, answers control frames, and writes from a bounded queue.
//
// Lives on its shard's thread, held by shared_ptr. It owns no read buffer while it waits, and it shares the bytes that
// it writes with every other connection that gets the same bytes. Owner: the coroutine that calls read() until read()
// reports the end of the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/socket_writer.h"
#include "websocket/codec/frame.h"
#include "websocket/codec/frame_parser.h"

namespace websocket {

struct StreamOptions {
  std::uint64_t message_bytes_max = FrameParser::kUnlimited;
  std::optional<std::uint64_t> inflated_bytes_max{};  // of a compressed message, if the handshake agreed on compression
  runtime::SocketWriterOptions writer{};
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);  // for the peer's Close after ours
};

// Callers send whole frames, ready for the wire.
class Stream final : public runtime::SocketWriter {
 public:
  using OnData = std::function<void(const Data&)>;

  Stream(runtime::Shard& shard, runtime::Connection connection, std::string leftover, const StreamOptions& options);

  // Waits for bytes and passes the pieces of data in them to `on_data`, which must not keep the views. One call passes
  // not much more data than one read takes, even for compressed messages: the next call passes the rest. Returns false
  // when no more data will arrive: the peer or this side has closed the stream, or the stream is broken. While the
  // stream is still open, keep calling read(), so that the peer gets our Close.
  runtime::Awaitable<bool> read(const OnData& on_data);

  // Sends a Close frame after the queued frames. read() goes on until the peer answers it or the close timeout passes.
  void close(std::uint16_t code, std::string_view reason);

  // True when the peer has sent a Close or broken the protocol: more than a lost connection.
  bool peer_closed() const { return close_received_ || broken_; }

  // Enforces the two timeouts; the owner calls it about once a second. Returns true when the peer has taken nothing for
  // too long and this call has closed the connection.
  bool check_deadlines(base::SteadyTime now);

 private:
  bool handle_input(std::span<char> input, const OnData& on_data);
  bool handle(const Event& event, const OnData& on_data);
  void answer(const Ping& ping);
  void on_written() override;

  const std::chrono::milliseconds close_timeout_;
  FrameParser parser_;
  std::string leftover_;                    // read and not parsed yet
  bool cut_short_ = false;                  // the parser has more events, from the leftover or without it
  std::size_t pongs_waiting_ = 0;           // to be written
  std::optional<std::string> latest_ping_;  // not answered yet: too many answers wait
  bool close_received_ = false;
  bool broken_ = false;  // by the peer, whose further bytes cannot be parsed
  base::SteadyTime close_sent_at_{};
};

}  // namespace websocket
