// Reads a request's line and headers from bytes as they arrive (RFC 9112, sections 2 to 5): a line at a time, each byte
// once, strictly and within limits. No I/O; one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounds.h"
#include "http/codec/field_line.h"
#include "http/codec/refusal.h"

namespace http {

// The defaults are Kestrel's.
struct HeadLimits {
  std::size_t line_bytes_max = std::size_t{8} << 10;  // of the request line
  static constexpr base::Bounds<std::size_t> line_bytes_bounds{64, std::size_t{64} << 10};
  std::size_t header_bytes_max = std::size_t{32} << 10;  // of all header lines together
  static constexpr base::Bounds<std::size_t> header_bytes_bounds{std::size_t{1} << 10, std::size_t{1} << 20};
  std::size_t headers_max = 100;
  static constexpr base::Bounds<std::size_t> headers_bounds{10, 10'000};
};

class HeadReader {
 public:
  enum class State { reading, complete, failed };

  explicit HeadReader(const HeadLimits& limits) : limits_(limits), part_end_max_(limits.line_bytes_max) {}

  // Takes bytes off the front of `input`: all of `input` until the head is complete.
  State feed(std::string_view& input);

  // Valid in state `failed`.
  const Refusal& refusal() const { return refusal_; }

  // Empty until the request line has been read.
  std::string_view method() const { return text_of(method_); }
  std::string_view target() const { return text_of(target_); }
  bool is_http_1_0() const { return is_http_1_0_; }

  // Valid in state `complete`: the headers in order.
  std::size_t size() const { return fields_.size(); }
  FieldLine operator[](std::size_t i) const { return {text_of(fields_[i].name), text_of(fields_[i].value)}; }

 private:
  // A place in bytes_, whose memory moves while it grows.
  struct Piece {
    std::uint32_t start = 0;
    std::uint32_t size = 0;
  };
  struct Field {
    Piece name;
    Piece value;
  };

  State fail(unsigned status, std::string detail);
  State fail_too_long();
  State take_line();
  State take_request_line(std::string_view line);
  State take_field(std::string_view line);
  bool is_in_headers() const { return headers_start_ != 0; }
  Piece piece_of(std::string_view part) const;
  std::string_view text_of(Piece piece) const { return std::string_view(bytes_).substr(piece.start, piece.size); }

  const HeadLimits limits_;
  std::string bytes_;
  std::size_t line_start_ = 0;
  std::size_t headers_start_ = 0;  // 0: in the request line, which includes the empty lines before it
  std::size_t part_end_max_;       // where the request line, then the headers, must end
  Piece method_;
  Piece target_;
  bool is_http_1_0_ = false;
  std::vector<Field> fields_;
  Refusal refusal_;
};

}  // namespace http
