// A small blocking HTTP client, on Boost.Beast (docs/decisions/0024): for commands and for threads of their own, not
// for serving requests.
//
// One thread owns it and waits inside the calls; any thread may call abort(). It keeps one connection and opens a new
// one when the server has closed it. Every connect, with TLS's handshake, and every exchange ends within the timeout;
// failures are values. Follows no redirect.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/client/url.h"

namespace http {

struct Answer {
  unsigned status = 0;
  std::string body;
  std::string retry_after{};  // the header, as it came
};

struct ClientOptions {
  std::size_t body_bytes_max = std::size_t{1} << 20;  // of an answer; a longer one fails
  bool any_certificate = false;  // believes every server: for questions without a secret to this very machine
  std::string ca_file{};         // PEM: whom to believe that a server is who it says; empty: the system's list
  std::string certificate{};     // DER: a server that shows this one is believed by that alone, whatever its name
  std::vector<std::pair<std::string, std::string>> headers{};  // of every request
};

class Client {
 public:
  Client(ServerAddress target, std::chrono::milliseconds timeout, ClientOptions options = {});
  ~Client();

  // Connects, and returns the target's address that answers. Returns ErrorCode::unavailable, with a text for people,
  // when no address answers or the one that does cannot prove that it is the target.
  base::Result<boost::asio::ip::tcp::endpoint> reach();

  // Later calls send an Authorization header with this token.
  void authorize(std::string bearer_token) { bearer_token_ = std::move(bearer_token); }

  base::Result<Answer> get(std::string_view path);
  base::Result<Answer> post_json(std::string_view path, std::string body) {
    return post(path, "application/json", std::move(body));
  }
  base::Result<Answer> post(std::string_view path, std::string_view content_type, std::string body);

  // Ends the call that is under way. It fails, and so does every later one.
  void abort();

 private:
  struct Call {
    std::string path;
    std::string_view content_type{};  // empty: a GET
    std::string body{};
  };
  struct Secure;

  base::Result<Answer> call(const Call& call);
  base::Error unreachable(const boost::system::error_code& failure) const;
  boost::system::error_code connect();
  boost::system::error_code exchange(const Call& call, Answer& answer);
  template <class Stream>
  boost::system::error_code exchange_on(Stream& stream, const Call& call, Answer& answer);

  ServerAddress target_;
  std::chrono::milliseconds timeout_;
  const ClientOptions options_;
  boost::asio::io_context context_{1};
  boost::beast::tcp_stream stream_{context_};
  std::unique_ptr<Secure> secure_;  // null without https
  std::string bearer_token_;
  bool connected_ = false;
  std::atomic<bool> aborted_ = false;
};

}  // namespace http
