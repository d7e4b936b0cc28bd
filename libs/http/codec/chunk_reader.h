// Removes the framing of a chunked body (RFC 9112, section 7.1) as the body arrives: reads each byte once, strictly and
// within limits. Checks and drops extensions and trailers; a trailer never becomes a header. No I/O; one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/codec/refusal.h"

namespace http {

struct ChunkLimits {
  std::uint64_t body_bytes_max;
  std::uint64_t framing_bytes_max;   // of sizes and extensions
  std::uint64_t line_bytes_max;      // of one chunk's framing
  std::uint64_t trailers_bytes_max;  // of all trailers together
};

class ChunkReader {
 public:
  enum class State { reading, complete, failed };

  explicit ChunkReader(const ChunkLimits& limits) : limits_(limits) {}

  // Takes bytes off the front of `input`: all of `input` until the body is complete. Appends to `body`.
  State feed(std::string_view& input, std::string& body);

  // Valid in state `failed`.
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class Part { size, extension, size_end, data, data_cr, data_lf, trailer };

  State fail(unsigned status, std::string detail);
  State take_framing(char c, std::size_t body_bytes);
  State take_size(char c);
  State take_trailer(char c);
  State end_size(std::size_t body_bytes);

  const ChunkLimits limits_;
  Part part_ = Part::size;
  bool has_digit_ = false;
  std::uint64_t left_ = 0;  // of the present chunk
  std::uint64_t framing_bytes_ = 0;
  std::uint64_t line_bytes_ = 0;
  std::uint64_t trailers_bytes_ = 0;
  std::string trailer_;  // the line so far
  Refusal refusal_;
};

}  // namespace http
