#include "websocket/codec/frame_parser.h"

#include <algorithm>

namespace websocket {

namespace {

constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kOpcodeBits = 0x0F;
constexpr std::uint8_t kLengthBits = 0x7F;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool is_known(std::uint8_t opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }
bool is_control(std::uint8_t opcode) { return opcode >= 0x8; }

std::size_t extended_length_bytes(std::uint8_t short_length) {
  return short_length == kLength16 ? 2 : short_length == kLength64 ? 8 : 0;
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

bool is_minimal(std::uint8_t short_length, std::uint64_t length) {
  if (short_length == kLength16) return length >= kLength16;
  if (short_length == kLength64) return length > 0xFFFF;
  return true;
}

}  // namespace

Event FrameParser::next(std::span<char>& input) {
  while (true) {
    while (state_ == State::header) {
      if (!fill_header(input, 2)) return NeedMore{};
      if (const std::string_view fault = find_fault(); !fault.empty()) return fail(close_code::protocol_error, fault);
      if (!fill_header(input, header_size_wanted())) return NeedMore{};
      if (!start_frame()) return error_;
    }
    if (state_ == State::failed) return error_;
    if (state_ == State::closed) {
      input = {};
      return NeedMore{};
    }
    if (input.empty() && payload_left_ > 0 && !more_inflated_) return NeedMore{};
    if (is_control(static_cast<std::uint8_t>(opcode_))) return take_control(input);
    if (!inflater_) return take_data(input);
    if (const auto event = take_compressed(input)) return *event;
  }
}

bool FrameParser::fill_header(std::span<char>& input, std::size_t size) {
  while (header_size_ < size && !input.empty()) {
    header_[header_size_++] = static_cast<std::uint8_t>(input.front());
    input = input.subspan(1);
  }
  return header_size_ >= size;
}

std::size_t FrameParser::header_size_wanted() const {
  const std::size_t key_bytes = (header_[1] & kMaskBit) != 0 ? key_.size() : 0;
  return 2 + extended_length_bytes(header_[1] & kLengthBits) + key_bytes;
}

// Finds every fault that the first two bytes can have.
std::string_view FrameParser::find_fault() const {
  const std::uint8_t opcode = header_[0] & kOpcodeBits;
  const bool is_masked = (header_[1] & kMaskBit) != 0;
  const bool in_message = message_opcode_ != Opcode::continuation;
  const bool may_be_deflated = inflated_bytes_max_ && (opcode == 0x1 || opcode == 0x2);
  if ((header_[0] & kReservedBits & (may_be_deflated ? ~kDeflatedBit : 0xFF)) != 0) {
    return "reserved bits are set that no extension agreed on uses";
  }
  if (!is_known(opcode)) return "reserved opcode";
  if (role_ == Role::server && !is_masked) return "frames from a client must be masked";
  if (role_ == Role::client && is_masked) return "frames from a server must not be masked";
  if (is_control(opcode)) {
    if ((header_[0] & kFinBit) == 0) return "control frames must not be fragmented";
    if ((header_[1] & kLengthBits) > kControlPayloadBytesMax) return "control frames must not exceed 125 bytes";
    return {};
  }
  if (opcode == 0 && !in_message) return "continuation frame without a message to continue";
  if (opcode != 0 && in_message) return "new message before the last one ended";
  return {};
}

bool FrameParser::start_frame() {
  const std::uint8_t short_length = header_[1] & kLengthBits;
  const std::size_t length_bytes = extended_length_bytes(short_length);
  payload_left_ = length_bytes == 0 ? short_length : big_endian(std::span(header_).subspan(2, length_bytes));
  if (!is_minimal(short_length, payload_left_)) {
    fail(close_code::protocol_error, "payload length is not in its shortest form");
    return false;
  }
  if (payload_left_ >> 63 != 0) {
    fail(close_code::protocol_error, "payload length is above 2^63-1");
    return false;
  }
  if (role_ == Role::server) std::copy_n(header_.begin() + 2 + length_bytes, key_.size(), key_.begin());
  fin_ = (header_[0] & kFinBit) != 0;
  opcode_ = static_cast<Opcode>(header_[0] & kOpcodeBits);
  header_size_ = 0;
  payload_position_ = 0;
  control_size_ = 0;
  state_ = State::payload;
  return is_control(static_cast<std::uint8_t>(opcode_)) || start_data_frame();
}

bool FrameParser::start_data_frame() {
  if (opcode_ != Opcode::continuation) {
    message_opcode_ = opcode_;
    message_bytes_ = 0;
    utf8_.reset();
    if ((header_[0] & kDeflatedBit) != 0) inflater_ = borrow_inflater();
  }
  if (payload_left_ == 0 && !fin_) state_ = State::header;  // an empty piece makes no event
  if (inflater_) return true;
  if (payload_left_ > message_bytes_max_ - message_bytes_) {
    fail(close_code::too_big, "message is too big");
    return false;
  }
  message_bytes_ += payload_left_;
  return true;
}

Event FrameParser::take_data(std::span<char>& input) {
  const std::string_view bytes = take_payload(input);
  const bool frame_end = payload_left_ == 0;
  const bool message_end = frame_end && fin_;
  const Opcode opcode = message_opcode_;
  if (opcode == Opcode::text && (!utf8_.feed(bytes) || (message_end && !utf8_.is_complete()))) {
    return fail(close_code::invalid_payload, "text message is not UTF-8");
  }
  if (frame_end) state_ = State::header;
  if (message_end) message_opcode_ = Opcode::continuation;
  return Data{opcode, bytes, message_end};
}

// Returns nothing when the frame gives no further event by itself.
std::optional<Event> FrameParser::take_compressed(std::span<char>& input) {
  const std::span<char> bytes = unmask(input);
  const auto [state, taken, inflated] = inflater_->run(bytes, fin_ && bytes.size() == payload_left_);
  input = input.subspan(taken);
  payload_left_ -= taken;
  payload_position_ += taken;
  unmasked_ -= taken;
  more_inflated_ = state == Inflater::State::full;
  const bool message_end = state == Inflater::State::ended;
  if (state == Inflater::State::broken) return fail(close_code::invalid_payload, "message is not compressed rightly");
  if (message_end || (state == Inflater::State::hungry && payload_left_ == 0)) state_ = State::header;
  if (inflated.empty() && !message_end) return std::nullopt;
  return take_inflated(inflated, message_end);
}

// When both the text and the length are wrong, the earlier fault counts: the verdict must not depend on the size of the
// portions.
Event FrameParser::take_inflated(std::string_view bytes, bool message_end) {
  const Opcode opcode = message_opcode_;
  const std::uint64_t room = *inflated_bytes_max_ - message_bytes_;
  const bool fits = bytes.size() <= room;
  if (!fits) bytes = bytes.substr(0, static_cast<std::size_t>(room));
  if (opcode == Opcode::text && (!utf8_.feed(bytes) || (fits && message_end && !utf8_.is_complete()))) {
    return fail(close_code::invalid_payload, "text message is not UTF-8");
  }
  if (!fits) return fail(close_code::too_big, "message is too big");
  message_bytes_ += bytes.size();
  if (message_end) {
    message_opcode_ = Opcode::continuation;
    inflater_.reset();
  }
  return Data{opcode, bytes, message_end};
}

Event FrameParser::take_control(std::span<char>& input) {
  const std::string_view bytes = take_payload(input);
  if (control_size_ == 0 && payload_left_ == 0) return finish_control(bytes);
  std::ranges::copy(bytes, control_.begin() + control_size_);
  control_size_ = static_cast<std::uint8_t>(control_size_ + bytes.size());
  if (payload_left_ > 0) return NeedMore{};
  return finish_control({control_.data(), control_size_});
}

Event FrameParser::finish_control(std::string_view payload) {
  state_ = State::header;
  if (opcode_ == Opcode::ping) return Ping{payload};
  if (opcode_ == Opcode::pong) return Pong{payload};
  return finish_close(payload);
}

Event FrameParser::finish_close(std::string_view payload) {
  if (payload.size() == 1) return fail(close_code::protocol_error, "Close frame with half a status code");
  Close close{close_code::no_status, {}};
  if (!payload.empty()) {
    close.code =
        static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]));
    close.reason = payload.substr(2);
    if (!is_valid_close_code(close.code)) return fail(close_code::protocol_error, "status code is not allowed");
  }
  base::Utf8Validator reason_check;
  if (!reason_check.feed(close.reason) || !reason_check.is_complete()) {
    return fail(close_code::invalid_payload, "reason of the Close frame is not UTF-8");
  }
  state_ = State::closed;
  inflater_.reset();
  return close;
}

std::string_view FrameParser::take_payload(std::span<char>& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, input.size()));
  const std::span<char> bytes = input.first(size);
  if (role_ == Role::server) apply_mask(bytes, key_, payload_position_);
  payload_position_ += size;
  payload_left_ -= size;
  input = input.subspan(size);
  return {bytes.data(), bytes.size()};
}

// Unmasks the bytes of the frame that have arrived, and leaves them in the input: the inflater may take fewer of them.
std::span<char> FrameParser::unmask(std::span<char> input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, input.size()));
  if (role_ == Role::server && size > unmasked_) {
    apply_mask(input.subspan(unmasked_, size - unmasked_), key_, payload_position_ + unmasked_);
  }
  unmasked_ = std::max(unmasked_, size);
  return input.first(size);
}

ParseError FrameParser::fail(std::uint16_t close_code, std::string_view text) {
  state_ = State::failed;
  more_inflated_ = false;
  inflater_.reset();
  error_ = {close_code, text};
  return error_;
}

}  // namespace websocket
