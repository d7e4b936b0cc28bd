#include "http/codec/chunk_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "http/codec/field_line.h"

namespace http {

namespace {

std::optional<std::uint64_t> hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool is_control_character(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; }

}  // namespace

ChunkReader::State ChunkReader::feed(std::string_view& input, std::string& body) {
  while (!input.empty()) {
    if (part_ == Part::data) {
      const std::size_t count = std::min<std::uint64_t>(left_, input.size());
      body.append(input.substr(0, count));
      input.remove_prefix(count);
      left_ -= count;
      if (left_ == 0) part_ = Part::data_cr;
      continue;
    }
    const char c = input.front();
    input.remove_prefix(1);
    if (const State state = take_framing(c, body.size()); state != State::reading) return state;
  }
  return State::reading;
}

ChunkReader::State ChunkReader::take_framing(char c, std::size_t body_bytes) {
  if (part_ == Part::trailer) return take_trailer(c);
  if (++framing_bytes_ > limits_.framing_bytes_max || ++line_bytes_ > limits_.line_bytes_max) {
    return fail(413, "the framing of the chunked body is too long");
  }
  switch (part_) {
    case Part::size:
      return take_size(c);
    case Part::extension:
      if (c == '\r') {
        part_ = Part::size_end;
      } else if (is_control_character(c)) {
        return fail(400, "a chunk's extension must not contain control characters");
      }
      return State::reading;
    case Part::size_end:
      return c == '\n' ? end_size(body_bytes) : fail(400, "a chunk's size must end in CR LF");
    case Part::data:
    case Part::trailer:
      break;  // taken elsewhere
    case Part::data_cr:
      part_ = Part::data_lf;
      return c == '\r' ? State::reading : fail(400, "a chunk must be as long as its size says and end in CR LF");
    case Part::data_lf:
      part_ = Part::size;
      return c == '\n' ? State::reading : fail(400, "a chunk must end in CR LF");
  }
  return State::reading;
}

ChunkReader::State ChunkReader::take_size(char c) {
  if (const auto digit = hexadecimal_digit(c)) {
    if (left_ > std::numeric_limits<std::uint64_t>::max() >> 4) return fail(400, "a chunk's size is too large");
    left_ = left_ << 4 | *digit;
    has_digit_ = true;
    return State::reading;
  }
  if (!has_digit_ || (c != ';' && c != '\r')) {
    return fail(400, "a chunk's size must be hexadecimal digits, then CR LF or an extension");
  }
  part_ = c == ';' ? Part::extension : Part::size_end;
  return State::reading;
}

ChunkReader::State ChunkReader::end_size(std::size_t body_bytes) {
  if (left_ > limits_.body_bytes_max - std::min<std::uint64_t>(body_bytes, limits_.body_bytes_max)) {
    return fail(413, "the body is longer than " + std::to_string(limits_.body_bytes_max) + " bytes");
  }
  has_digit_ = false;
  line_bytes_ = 0;
  part_ = left_ == 0 ? Part::trailer : Part::data;
  return State::reading;
}

ChunkReader::State ChunkReader::take_trailer(char c) {
  if (++trailers_bytes_ > limits_.trailers_bytes_max) {
    return fail(431, "the trailers are longer than " + std::to_string(limits_.trailers_bytes_max) + " bytes");
  }
  trailer_.push_back(c);
  if (c != '\n') return State::reading;
  if (!trailer_.ends_with("\r\n")) return fail(400, "a trailer must end in CR LF");
  if (trailer_.size() == 2) return State::complete;
  if (!parse_field_line(std::string_view(trailer_).substr(0, trailer_.size() - 2))) {
    return fail(400, "a trailer must be NAME: VALUE without control characters");
  }
  trailer_.clear();
  return State::reading;
}

ChunkReader::State ChunkReader::fail(unsigned status, std::string detail) {
  refusal_ = {status, std::move(detail)};
  return State::failed;
}

}  // namespace http
