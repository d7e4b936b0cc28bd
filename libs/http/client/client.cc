#include "http/client/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "http/client/trust.h"

namespace http {

namespace beast = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// What TLS needs beside the socket.
struct Client::Secure {
  explicit Secure(const ClientOptions& options)
      : unusable(options.any_certificate ? trust_any(context) : trust_only(context, options.ca_file)) {
    if (!options.certificate.empty()) trust_also(context, options.certificate);
  }

  // A new one for each connection: OpenSSL's state does not survive the end of one.
  error_code open(boost::beast::tcp_stream& socket, const std::string& host) {
    stream.reset();
    if (unusable) return unusable;
    stream = std::make_unique<ssl::stream<boost::beast::tcp_stream&>>(socket, context);
    expect_server(stream->native_handle(), host);
    return {};
  }

  ssl::context context{ssl::context::tls_client};
  error_code unusable;  // the list of whom to believe
  std::unique_ptr<ssl::stream<boost::beast::tcp_stream&>> stream;
};

Client::Client(ServerAddress target, std::chrono::milliseconds timeout, ClientOptions options)
    : target_(std::move(target)),
      timeout_(timeout),
      options_(std::move(options)),
      secure_(target_.https ? std::make_unique<Secure>(options_) : nullptr) {}

Client::~Client() = default;

base::Result<boost::asio::ip::tcp::endpoint> Client::reach() {
  if (const error_code failure = connect()) return unreachable(failure);
  error_code failure;
  const auto endpoint = stream_.socket().remote_endpoint(failure);
  if (failure) return unreachable(failure);
  return endpoint;
}

base::Result<Answer> Client::get(std::string_view path) { return call({.path = std::string(path)}); }

base::Result<Answer> Client::post(std::string_view path, std::string_view content_type, std::string body) {
  return call({.path = std::string(path), .content_type = content_type, .body = std::move(body)});
}

// Closed on the thread that waits: a call that begins now runs this too.
void Client::abort() {
  aborted_ = true;
  boost::asio::post(context_, [this] { stream_.close(); });
}

base::Result<Answer> Client::call(const Call& call) {
  const bool reused = connected_;
  Answer answer;
  error_code failure = reused ? error_code() : connect();
  if (!failure) failure = exchange(call, answer);
  // The server may have closed the idle connection: try once more on a new one.
  if (failure && reused && !aborted_ && failure != beast::error::body_limit) {
    failure = connect();
    if (!failure) failure = exchange(call, answer);
  }
  if (!failure) return answer;
  connected_ = false;
  return unreachable(failure);
}

base::Error Client::unreachable(const error_code& failure) const {
  const auto error = [this](const std::string& text) {
    return base::Error{base::ErrorCode::unavailable, target_.url() + " " + text};
  };
  if (failure == beast::error::body_limit) {
    return error("answers with more than " + std::to_string(options_.body_bytes_max) + " bytes");
  }
  if (secure_ && secure_->unusable) {
    return error("cannot be asked: " + (options_.ca_file.empty() ? "the system's certificates" : options_.ca_file) +
                 ": " + failure.message());
  }
  if (const std::string why = secure_ && secure_->stream ? disbelief(secure_->stream->native_handle()) : "";
      !why.empty()) {
    return error("does not prove that it is " + target_.host + ": " + why);
  }
  return error("does not answer: " + failure.message());
}

error_code Client::connect() {
  error_code result;
  connected_ = false;
  stream_.close();
  if (aborted_) return boost::asio::error::operation_aborted;
  if (secure_) {
    if ((result = secure_->open(stream_, target_.host))) return result;
  }
  stream_.expires_after(timeout_);
  stream_.async_connect(target_.endpoints, [this, &result](error_code failure, const auto&) {
    result = failure;
    if (failure || !secure_) return;
    secure_->stream->async_handshake(ssl::stream_base::client, [&result](error_code refused) { result = refused; });
  });
  context_.restart();
  context_.run();
  connected_ = !result;
  return result;
}

error_code Client::exchange(const Call& call, Answer& answer) {
  return secure_ ? exchange_on(*secure_->stream, call, answer) : exchange_on(stream_, call, answer);
}

template <class Stream>
error_code Client::exchange_on(Stream& stream, const Call& call, Answer& answer) {
  beast::request<beast::string_body> request(call.content_type.empty() ? beast::verb::get : beast::verb::post,
                                             call.path, 11);
  request.set(beast::field::host, target_.authority);
  for (const auto& [name, value] : options_.headers) request.set(name, value);
  if (!call.content_type.empty()) request.set(beast::field::content_type, call.content_type);
  if (!bearer_token_.empty()) request.set(beast::field::authorization, "Bearer " + bearer_token_);
  request.body() = call.body;
  request.prepare_payload();
  beast::response_parser<beast::string_body> parser;
  parser.body_limit(options_.body_bytes_max);
  boost::beast::flat_buffer buffer;
  error_code result;
  stream_.expires_after(timeout_);
  beast::async_write(stream, request, [&](error_code write_failure, std::size_t) {
    if ((result = write_failure)) return;
    beast::async_read(stream, buffer, parser, [&](error_code failure, std::size_t) { result = failure; });
  });
  context_.restart();
  context_.run();
  if (result) return result;
  connected_ = parser.keep_alive();
  auto& response = parser.get();
  answer = {response.result_int(), std::move(response.body()), std::string(response[beast::field::retry_after])};
  return {};
}

}  // namespace http
