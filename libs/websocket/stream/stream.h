// One WebSocket connection after its handshake: reads frames, answers control frames, and writes from a bounded queue.
//
// Lives on its shard's thread, held by shared_ptr. It owns no read buffer while it waits, and what it writes is shared
// with whoever else gets the same bytes. Owner: the coroutine that calls read() until it tells that the stream is over.
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
  std::optional<std::uint64_t> inflated_bytes_max{};  // of a compressed message, where the handshake agreed on those
  runtime::SocketWriterOptions writer{};
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);  // for the peer's Close after ours
};

// What is sent are whole frames, ready for the wire.
class Stream final : public runtime::SocketWriter {
 public:
  using OnData = std::function<void(const Data&)>;

  Stream(runtime::Shard& shard, runtime::Socket socket, std::string leftover, const StreamOptions& options);

  // Waits for bytes and hands the pieces of data in them to `on_data`, which must not keep the views. That is not much
  // more than was read at once, also where it was compressed: what more there is comes with the next call. False when
  // no more data will come: closed by the peer, by us, or broken. Where the stream is open still, it wants to be read
  // on until it is not, so that the peer gets our Close.
  runtime::Awaitable<bool> read(const OnData& on_data);

  // Sends a Close frame behind what is queued; read() goes on until the peer answers it or the time is over.
  void close(std::uint16_t code, std::string_view reason);

  // The peer has said that it is over, or broke the protocol: more than a lost connection.
  bool peer_closed() const { return close_received_ || broken_; }

  // Enforces the two timeouts; the owner calls it about once a second. True when the peer has taken nothing for too
  // long, and was cut off now.
  bool check_deadlines(base::SteadyTime now);

 private:
  bool handle_input(std::span<char> input, const OnData& on_data);
  bool handle(const Event& event, const OnData& on_data);
  void answer(const Ping& ping);
  void on_written() override;

  const std::chrono::milliseconds close_timeout_;
  FrameParser parser_;
  std::string leftover_;                    // read and not looked at yet
  bool cut_short_ = false;                  // the parser has more to tell, of the leftover or without it
  std::size_t pongs_waiting_ = 0;           // to be written
  std::optional<std::string> latest_ping_;  // not answered yet: too many answers wait
  bool close_received_ = false;
  bool broken_ = false;  // by the peer; what it still sends cannot be understood
  base::SteadyTime close_sent_at_{};
};

}  // namespace websocket
