// Finds the status and the end of one HTTP/1.1 response, and nothing more: it never keeps the body and never allocates.
// A connection owns it and feeds it the bytes that arrive, cut anywhere. It knows only bodies with a Content-Length, as
// the service sends them; any other response is malformed, and the connection must be closed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace message_service::bench {

class ResponseParser {
 public:
  enum class State { status_line, header, body, complete, malformed };

  // Takes bytes up to the end of the response, and returns how many: the rest belongs to another response.
  std::size_t feed(std::string_view bytes);

  // Prepares for the next response on the same connection.
  void reset();

  State state() const { return state_; }
  std::uint16_t status() const { return status_; }
  // Whether the server lets the connection be used again.
  bool keep_alive() const { return keep_alive_; }

 private:
  static constexpr std::size_t line_bytes_max = 1024;
  static constexpr std::size_t head_bytes_max = 32'768;

  std::size_t feed_head(std::string_view bytes);
  State take_line(std::string_view line);
  State take_status_line(std::string_view line);
  State take_header(std::string_view line);
  State end_of_head();

  State state_ = State::status_line;
  std::uint16_t status_ = 0;
  bool keep_alive_ = true;
  bool has_length_ = false;
  std::uint64_t body_left_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t carried_ = 0;  // of a line whose end has not arrived
  std::array<char, line_bytes_max> line_;
};

}  // namespace message_service::bench
