// Reads frames (RFC 6455, section 5) from bytes as they arrive, and is strict about every rule of the framing.
//
// One session owns the parser and uses it on its executor only. The session pulls: next() takes bytes off the front of
// the input and returns one event, so that the session may wait between two events. The parser unmasks data in place
// and returns views into the input; it copies only a control frame that is cut in two, into the parser itself.
// Compressed messages, when the handshake agreed on them, come out as uncompressed data. The parser holds an inflater
// while a compressed message is under way; otherwise it owns no heap memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/utf8.h"
#include "websocket/codec/frame.h"
#include "websocket/codec/inflater.h"

namespace websocket {

// The end that reads: a server expects masked frames, a client unmasked ones.
enum class Role : std::uint8_t { server, client };

// The input is used up.
struct NeedMore {};

// A piece of a message. Every piece has the message's `opcode`, text or binary. Text is checked UTF-8, though a piece
// may end within a character. A piece is empty only at the end of a message.
struct Data {
  Opcode opcode;
  std::string_view bytes;
  bool message_end;
};

struct Ping {
  std::string_view payload;
};

struct Pong {
  std::string_view payload;
};

// `code` is close_code::no_status when the frame was empty. The parser drops all bytes after a Close frame.
struct Close {
  std::uint16_t code;
  std::string_view reason;
};

// The peer broke the protocol: send a Close with this code and text and read no further. Later calls of next() return
// the same error.
struct ParseError {
  std::uint16_t close_code;
  std::string_view text;  // a literal
};

// Views live as long as the input's bytes and until the next call. Views of compressed messages live until the thread's
// next call of any parser.
using Event = std::variant<NeedMore, Data, Ping, Pong, Close, ParseError>;

class FrameParser {
 public:
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  // With `inflated_bytes_max`, the handshake has agreed on compressed messages; it bounds an inflated message.
  explicit FrameParser(Role role, std::uint64_t message_bytes_max = kUnlimited,
                       std::optional<std::uint64_t> inflated_bytes_max = std::nullopt)
      : message_bytes_max_(message_bytes_max), inflated_bytes_max_(inflated_bytes_max), role_(role) {}

  // Takes the next event off the front of `input`.
  Event next(std::span<char>& input);

  // True when next() has another event that needs no input.
  bool has_more() const { return more_inflated_; }

 private:
  enum class State : std::uint8_t { header, payload, closed, failed };

  bool fill_header(std::span<char>& input, std::size_t size);
  std::size_t header_size_wanted() const;
  std::string_view find_fault() const;
  bool start_frame();
  bool start_data_frame();
  Event take_data(std::span<char>& input);
  std::optional<Event> take_compressed(std::span<char>& input);
  Event take_inflated(std::string_view bytes, bool message_end);
  Event take_control(std::span<char>& input);
  Event finish_control(std::string_view payload);
  Event finish_close(std::string_view payload);
  std::string_view take_payload(std::span<char>& input);
  std::span<char> unmask(std::span<char> input);
  ParseError fail(std::uint16_t close_code, std::string_view text);

  std::uint64_t message_bytes_max_;
  std::optional<std::uint64_t> inflated_bytes_max_;
  std::uint64_t message_bytes_ = 0;  // of the message so far, the current frame included
  std::uint64_t payload_left_ = 0;   // of the current frame
  std::uint64_t payload_position_ = 0;
  std::size_t unmasked_ = 0;   // bytes at the front of the input that are unmasked already
  BorrowedInflater inflater_;  // of the message under way, if it is compressed
  ParseError error_{0, {}};
  MaskingKey key_{};
  base::Utf8Validator utf8_;
  Role role_;
  bool more_inflated_ = false;
  State state_ = State::header;
  Opcode opcode_ = Opcode::continuation;          // of the current frame
  Opcode message_opcode_ = Opcode::continuation;  // of the message under way; continuation: there is none
  bool fin_ = false;
  std::uint8_t header_size_ = 0;
  std::uint8_t control_size_ = 0;
  std::array<std::uint8_t, 14> header_;
  std::array<char, kControlPayloadBytesMax> control_;
};

}  // namespace websocket
