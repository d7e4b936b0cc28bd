// For tests: what a parser says about some bytes, written so that it does not depend on how they were cut.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "websocket/codec/frame_parser.h"

namespace websocket {

class FrameTranscript {
 public:
  explicit FrameTranscript(Role role = Role::server, std::uint64_t message_bytes_max = FrameParser::kUnlimited,
                           std::optional<std::uint64_t> inflated_bytes_max = std::nullopt)
      : parser_(role, message_bytes_max, inflated_bytes_max) {}

  // Each piece lies in memory of its own size, so that a sanitizer sees every byte read beyond it.
  void feed(std::string_view piece) {
    std::vector<char> bytes(piece.begin(), piece.end());
    std::span<char> input(bytes);
    while (take(parser_.next(input))) {
    }
  }

  void feed_in_pieces(std::string_view bytes, std::size_t piece_bytes) {
    while (!bytes.empty()) {
      feed(bytes.substr(0, piece_bytes));
      bytes.remove_prefix(std::min(piece_bytes, bytes.size()));
    }
  }

  // Whole messages and control frames, one a line.
  const std::vector<std::string>& lines() const { return lines_; }
  int error() const { return error_; }

 private:
  bool take(const Event& event) {
    return std::visit([this](const auto& e) { return add(e); }, event);
  }

  bool add(const NeedMore& /*event*/) { return false; }
  bool add(const Data& data) {
    message_.append(data.bytes);
    if (data.message_end) {
      lines_.push_back((data.opcode == Opcode::text ? "text " : "binary ") + message_);
      message_.clear();
    }
    return true;
  }
  bool add(const Ping& ping) { return line("ping " + std::string(ping.payload)); }
  bool add(const Pong& pong) { return line("pong " + std::string(pong.payload)); }
  bool add(const Close& close) { return line("close " + std::to_string(close.code) + " " + std::string(close.reason)); }
  bool add(const ParseError& error) {
    if (error_ == 0) line("error " + std::to_string(error.close_code) + " " + std::string(error.text));
    error_ = error.close_code;
    return false;
  }
  bool line(std::string text) {
    lines_.push_back(std::move(text));
    return true;
  }

  FrameParser parser_;
  std::string message_;
  std::vector<std::string> lines_;
  int error_ = 0;
};

}  // namespace websocket
