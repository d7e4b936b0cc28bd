#include "bench/response_parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace message_service::bench {
namespace {

bool equal_without_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void ResponseParser::reset() {
  state_ = State::status_line;
  status_ = 0;
  keep_alive_ = true;
  has_length_ = false;
  body_left_ = 0;
  head_bytes_ = 0;
  carried_ = 0;
}

std::size_t ResponseParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && (state_ == State::status_line || state_ == State::header)) {
    taken += feed_head(bytes.substr(taken));
  }
  if (state_ == State::body) {
    const auto part = std::min<std::uint64_t>(body_left_, bytes.size() - taken);
    taken += part;
    body_left_ -= part;
    if (body_left_ == 0) state_ = State::complete;
  }
  return taken;
}

// Reads up to the end of one line. A line that arrived whole is read in place; only a cut line is copied together.
std::size_t ResponseParser::feed_head(std::string_view bytes) {
  const std::size_t newline = bytes.find('\n');
  const bool whole = newline != std::string_view::npos;
  const std::size_t taken = whole ? newline + 1 : bytes.size();
  const std::size_t part = whole ? newline : bytes.size();
  head_bytes_ += taken;
  if (head_bytes_ > head_bytes_max || carried_ + part > line_.size()) {
    state_ = State::malformed;
    return taken;
  }
  std::string_view line = bytes.substr(0, part);
  if (carried_ > 0 || !whole) {
    std::memcpy(line_.data() + carried_, bytes.data(), part);
    carried_ += part;
    line = std::string_view(line_.data(), carried_);
  }
  if (!whole) return taken;
  carried_ = 0;
  if (line.ends_with('\r')) line.remove_suffix(1);
  state_ = take_line(line);
  return taken;
}

ResponseParser::State ResponseParser::take_line(std::string_view line) {
  if (state_ == State::status_line) return take_status_line(line);
  return line.empty() ? end_of_head() : take_header(line);
}

ResponseParser::State ResponseParser::take_status_line(std::string_view line) {
  // "HTTP/1.1 202 Accepted"
  std::uint64_t status = 0;
  const bool sound = line.size() >= 12 && line.starts_with("HTTP/1.") && (line[7] == '0' || line[7] == '1') &&
                     line[8] == ' ' && read_number(line.substr(9, 3), status) && status >= 100 && status <= 599 &&
                     (line.size() == 12 || line[12] == ' ');
  if (!sound) return State::malformed;
  status_ = static_cast<std::uint16_t>(status);
  keep_alive_ = line[7] == '1';
  return State::header;
}

ResponseParser::State ResponseParser::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return State::malformed;
  const std::string_view name = line.substr(0, colon);
  if (equal_without_case(name, "content-length")) {
    std::uint64_t length = 0;
    if (!read_number(trimmed(line.substr(colon + 1)), length)) return State::malformed;
    if (has_length_ && length != body_left_) return State::malformed;
    has_length_ = true;
    body_left_ = length;
  } else if (equal_without_case(name, "connection")) {
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equal_without_case(value, "close")) keep_alive_ = false;
    if (equal_without_case(value, "keep-alive")) keep_alive_ = true;
  } else if (equal_without_case(name, "transfer-encoding")) {
    return State::malformed;
  }
  return State::header;
}

ResponseParser::State ResponseParser::end_of_head() {
  if (status_ < 200) {  // an interim response: the real one follows
    has_length_ = false;
    body_left_ = 0;
    return status_ == 101 ? State::malformed : State::status_line;
  }
  if (status_ == 204 || status_ == 304) return State::complete;
  if (!has_length_) return State::malformed;
  return body_left_ == 0 ? State::complete : State::body;
}

}  // namespace message_service::bench
