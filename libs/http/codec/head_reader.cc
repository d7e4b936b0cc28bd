#include "http/codec/head_reader.h"

#include <algorithm>
#include <utility>

namespace http {

namespace {

constexpr std::size_t kUsualHeadBytes = 512;
constexpr std::size_t kUsualHeaders = 16;

bool is_target_character(char c) { return c > 0x20 && c < 0x7F; }

// Empty lines may precede a request.
bool may_begin_request(char c) { return c == '\r' || is_token({&c, 1}); }

bool is_version(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

}  // namespace

HeadReader::State HeadReader::feed(std::string_view& input) {
  if (bytes_.empty() && !input.empty()) bytes_.reserve(kUsualHeadBytes);
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::size_t count = end == std::string_view::npos ? input.size() : end + 1;
    if (bytes_.size() + count > part_end_max_) return fail_too_long();
    bytes_.append(input.data(), count);
    input.remove_prefix(count);
    // Input that does not begin like a request, such as TLS, is refused before its line ends.
    if (!is_in_headers() && !may_begin_request(bytes_[line_start_])) return fail(400, "the request is not valid HTTP");
    if (end == std::string_view::npos) return State::reading;
    if (const State state = take_line(); state != State::reading) return state;
  }
  return State::reading;
}

HeadReader::State HeadReader::take_line() {
  std::string_view line = std::string_view(bytes_).substr(line_start_);
  if (!line.ends_with("\r\n")) return fail(400, "each line of a request's head must end in CR LF");
  line.remove_suffix(2);
  line_start_ = bytes_.size();
  if (is_in_headers()) return line.empty() ? State::complete : take_field(line);
  return line.empty() ? State::reading : take_request_line(line);
}

HeadReader::State HeadReader::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return fail(400, "the request line must be METHOD TARGET VERSION");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return fail(400, "the request's method is not valid");
  if (target.empty() || !std::ranges::all_of(target, is_target_character)) {
    return fail(400, "the request's target must consist of printable ASCII characters, others percent-encoded");
  }
  if (!is_version(version)) return fail(400, "the request line must end in a version of HTTP");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return fail(505, "only the versions 1.1 and 1.0 of HTTP are spoken here");
  is_http_1_0_ = version == "HTTP/1.0";
  method_ = piece_of(method);
  target_ = piece_of(target);
  headers_start_ = bytes_.size();
  part_end_max_ = headers_start_ + limits_.header_bytes_max;
  return State::reading;
}

HeadReader::State HeadReader::take_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return fail(400, "a header must not go over several lines");
  const auto field = parse_field_line(line);
  if (!field) return fail(400, "a header must be NAME: VALUE without control characters");
  if (fields_.size() == limits_.headers_max) {
    return fail(431, "the request has more than " + std::to_string(limits_.headers_max) + " headers");
  }
  if (fields_.empty()) fields_.reserve(std::min(kUsualHeaders, limits_.headers_max));
  fields_.push_back({piece_of(field->name), piece_of(field->value)});
  return State::reading;
}

HeadReader::Piece HeadReader::piece_of(std::string_view part) const {
  return {static_cast<std::uint32_t>(part.data() - bytes_.data()), static_cast<std::uint32_t>(part.size())};
}

HeadReader::State HeadReader::fail_too_long() {
  if (is_in_headers()) {
    return fail(431, "the headers are longer than " + std::to_string(limits_.header_bytes_max) + " bytes");
  }
  return fail(414, "the request line is longer than " + std::to_string(limits_.line_bytes_max) + " bytes");
}

HeadReader::State HeadReader::fail(unsigned status, std::string detail) {
  refusal_ = {status, std::move(detail)};
  return State::failed;
}

}  // namespace http
