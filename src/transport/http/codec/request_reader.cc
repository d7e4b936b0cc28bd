#include "transport/http/codec/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>

namespace message_service::http {

namespace beast = boost::beast;
using beast::http::field;

namespace {

std::string_view to_std(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestReader::RequestReader(const RequestLimits& limits, const BodyAllowance* allowance)
    : limits_(limits), allowance_(allowance), body_bytes_max_(limits.body_bytes_max) {
  parser_.header_limit(limits.header_bytes_max);
  // The real limit is known only once the target is, see is_too_long().
  parser_.body_limit(std::max(limits.body_bytes_max, allowance == nullptr ? 0 : allowance->longest_body_bytes_max()));
  parser_.eager(true);
}

RequestReader::State RequestReader::feed(std::string_view& input) {
  while (!parser_.is_done()) {
    beast::error_code error;
    const std::size_t taken = parser_.put(boost::asio::buffer(input.data(), input.size()), error);
    input.remove_prefix(taken);
    if (error && error != beast::http::error::need_more) return fail(error);
    if (parser_.is_header_done() && !header_checked_) {
      if (const State state = check_header(); state == State::failed) return state;
    }
    if (is_too_long(parser_.get().body().size())) return fail(beast::http::error::body_limit);
    if (taken == 0 || input.empty()) break;
  }
  if (parser_.is_done()) return State::complete;
  // The framing of a chunked body (sizes, extensions, trailers) is read a line at a time; an endless line is an attack.
  if (input.size() > limits_.header_bytes_max) return fail(413, "the framing of the chunked body is too long");
  return parser_.is_header_done() ? State::reading_body : State::reading_header;
}

// What Beast lets pass and RFC 9112 does not.
RequestReader::State RequestReader::check_header() {
  header_checked_ = true;
  const auto& message = parser_.get();
  if (message.version() != 11 && message.version() != 10)
    return fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (message.target().size() > limits_.target_bytes_max) return fail(414, "the request's target is too long");
  if (message.version() == 11 && message.count(field::host) != 1) {
    return fail(400, "exactly one Host header is needed");
  }
  const std::size_t lengths = message.count(field::content_length);
  const std::size_t encodings = message.count(field::transfer_encoding);
  const bool list = message[field::content_length].find(',') != beast::string_view::npos;
  if (lengths > 1 || list || (lengths > 0 && encodings > 0)) return fail(400, "the length of the body is ambiguous");
  if (encodings > 1 || (encodings == 1 && !beast::iequals(message[field::transfer_encoding], "chunked"))) {
    return fail(501, "the only Transfer-Encoding known here is chunked");
  }
  if (is_too_long(parser_.content_length().value_or(0))) return fail(beast::http::error::body_limit);
  return State::reading_body;
}

bool RequestReader::is_too_long(std::uint64_t body_bytes) {
  if (body_bytes <= body_bytes_max_) return false;
  if (allowance_ != nullptr) {
    body_bytes_max_ = std::max(limits_.body_bytes_max, allowance_->body_bytes_max(method(), target()));
  }
  return body_bytes > body_bytes_max_;
}

bool RequestReader::expects_continue() const {
  return beast::iequals(parser_.get()[field::expect], "100-continue") && parser_.get().version() == 11;
}

std::string_view RequestReader::method() const { return to_std(parser_.get().method_string()); }
std::string_view RequestReader::target() const { return to_std(parser_.get().target()); }

std::string_view RequestReader::value(std::string_view name) const {
  return to_std(parser_.get()[beast::string_view(name.data(), name.size())]);
}

std::vector<std::pair<std::string, std::string>> RequestReader::all() const {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& header : parser_.get()) {
    headers.emplace_back(to_std(header.name_string()), to_std(header.value()));
  }
  return headers;
}

RequestReader::State RequestReader::fail(unsigned status, std::string detail) {
  failed_status_ = status;
  failed_detail_ = std::move(detail);
  return State::failed;
}

RequestReader::State RequestReader::fail(const beast::error_code& error) {
  if (error == beast::http::error::body_limit) {
    return fail(413, "the body is longer than " + std::to_string(body_bytes_max_) + " bytes");
  }
  if (error == beast::http::error::header_limit) {
    return fail(431, "the headers are longer than " + std::to_string(limits_.header_bytes_max) + " bytes");
  }
  return fail(400, "the request is not valid HTTP: " + error.message());
}

}  // namespace message_service::http
