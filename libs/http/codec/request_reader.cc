#include "http/codec/request_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.h"

namespace http {

namespace {

// Framing such as "1;a=b" costs as much as the data that it frames. The framing of a chunked body may have this many
// bytes for each byte of the body's limit.
constexpr std::uint64_t kFramingPerBodyByte = 8;

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

// "http://a:80/path" -> "a:80"; nothing when the target is not absolute.
std::optional<std::string_view> authority_of(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return std::nullopt;
  const std::string_view rest = target.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?"));
}

}  // namespace

RequestReader::State RequestReader::feed(std::string_view& input) {
  if (state_ == State::reading_header) state_ = feed_head(input);
  if (state_ == State::reading_body) state_ = feed_body(input);
  return state_;
}

RequestReader::State RequestReader::feed_head(std::string_view& input) {
  switch (head_.feed(input)) {
    case HeadReader::State::reading:
      return State::reading_header;
    case HeadReader::State::failed:
      return fail(head_.refusal().status, head_.refusal().detail);
    case HeadReader::State::complete:
      break;
  }
  return check_head();
}

RequestReader::State RequestReader::feed_body(std::string_view& input) {
  if (chunks_) {
    switch (chunks_->feed(input, body_)) {
      case ChunkReader::State::reading:
        return State::reading_body;
      case ChunkReader::State::complete:
        return State::complete;
      case ChunkReader::State::failed:
        return fail(chunks_->refusal().status, chunks_->refusal().detail);
    }
  }
  const std::size_t count = std::min<std::uint64_t>(length_ - received_, input.size());
  if (!skipping_body_) body_.append(input.substr(0, count));
  input.remove_prefix(count);
  received_ += count;
  return received_ == length_ ? State::complete : State::reading_body;
}

RequestReader::Framing RequestReader::framing_of(const HeadReader& head) {
  Framing framing;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto [name, value] = head[i];
    if (base::equals_ignoring_case(name, "Host")) {
      ++framing.hosts;
      framing.host = value;
    } else if (base::equals_ignoring_case(name, "Content-Length")) {
      ++framing.lengths;
      framing.length = value;
    } else if (base::equals_ignoring_case(name, "Transfer-Encoding")) {
      ++framing.codings;
      framing.coding = value;
    } else if (base::equals_ignoring_case(name, "Connection")) {
      framing.close = framing.close || has_token(value, "close");
      framing.keep_alive = framing.keep_alive || has_token(value, "keep-alive");
    }
  }
  return framing;
}

RequestReader::State RequestReader::check_head() {
  framing_ = framing_of(head_);
  if (check_host() == State::failed) return State::failed;
  return check_length();
}

// The authority of an absolute target overrides Host (RFC 9112, section 3.2.2).
RequestReader::State RequestReader::check_host() {
  const std::size_t least = is_http_1_0() ? 0 : 1;
  if (framing_.hosts > 1 || framing_.hosts < least) return fail(400, "exactly one Host header is needed");
  host_ = framing_.host;
  const bool valid = is_valid_host(host_);
  const auto authority = authority_of(target());
  if (authority) host_ = *authority;
  if (!valid || !is_valid_host(host_) || (authority && host_.empty())) {
    return fail(400, "the request's host must be a name or an address, with a port where need be");
  }
  return State::head;
}

RequestReader::State RequestReader::check_length() {
  const auto [lengths, codings] = std::pair(framing_.lengths, framing_.codings);
  if (lengths > 1 || (lengths > 0 && codings > 0)) return fail(400, "the length of the body is ambiguous");
  if (lengths > 0) {
    const auto length = parse_length(framing_.length);
    if (!length) return fail(400, "Content-Length must be a whole number of bytes");
    length_ = *length;
  }
  if (codings > 0) {
    // A peer that reads the length of an HTTP/1.0 message differently would take the body for another request.
    if (is_http_1_0()) return fail(400, "version 1.0 of HTTP has no Transfer-Encoding");
    if (codings > 1 || !base::equals_ignoring_case(framing_.coding, "chunked")) {
      return fail(501, "the only Transfer-Encoding known here is chunked");
    }
  }
  return State::head;
}

bool RequestReader::begin_body(std::uint64_t body_bytes_max) {
  const std::uint64_t most = std::max(limits_.body_bytes_max, body_bytes_max);
  if (length_ > most) {
    state_ = fail(413, "the body is longer than " + std::to_string(most) + " bytes");
    return false;
  }
  if (framing_.codings > 0) {
    chunks_.emplace(ChunkLimits{.body_bytes_max = most,
                                .framing_bytes_max = kFramingPerBodyByte * most,
                                .line_bytes_max = limits_.head.header_bytes_max,
                                .trailers_bytes_max = limits_.head.header_bytes_max});
  }
  state_ = chunks_ || length_ > 0 ? State::reading_body : State::complete;
  return true;
}

bool RequestReader::begin_skipping_body() {
  if (framing_.codings > 0 || length_ > limits_.body_bytes_max || expects_continue()) return false;
  skipping_body_ = true;
  return begin_body();
}

std::optional<std::uint64_t> RequestReader::body_bytes() const {
  if (framing_.codings > 0) return std::nullopt;
  return length_;
}

bool RequestReader::expects_continue() const {
  return !is_http_1_0() && base::equals_ignoring_case(value("Expect"), "100-continue");
}

std::string_view RequestReader::value(std::string_view name) const {
  for (std::size_t i = 0; i < head_.size(); ++i) {
    if (base::equals_ignoring_case(head_[i].name, name)) return head_[i].value;
  }
  return {};
}

std::vector<std::string_view> RequestReader::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < head_.size(); ++i) {
    if (base::equals_ignoring_case(head_[i].name, name)) found.push_back(head_[i].value);
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> RequestReader::all() const {
  std::vector<std::pair<std::string, std::string>> headers;
  headers.reserve(head_.size());
  for (std::size_t i = 0; i < head_.size(); ++i) headers.emplace_back(head_[i].name, head_[i].value);
  return headers;
}

RequestReader::State RequestReader::fail(unsigned status, std::string detail) {
  refusal_ = {status, std::move(detail)};
  return State::failed;
}

}  // namespace http
