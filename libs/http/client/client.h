// A small blocking HTTP client, on Boost.Beast (docs/decisions/0023): for commands, not for serving requests.
//
// One thread owns it and waits inside the calls. It keeps one connection and opens a new one when the server has closed
// it. Every connect and every exchange ends within the timeout; failures are values.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "http/client/url.h"

namespace http {

struct Answer {
  unsigned status = 0;
  std::string body;
};

class Client {
 public:
  Client(ServerAddress target, std::chrono::milliseconds timeout);

  // Connects, and returns the target's address that answers. Returns ErrorCode::unavailable, with a text for people,
  // when no address answers.
  base::Result<boost::asio::ip::tcp::endpoint> reach();

  // Later calls send an Authorization header with this token.
  void authorize(std::string bearer_token) { bearer_token_ = std::move(bearer_token); }

  base::Result<Answer> get(std::string_view path);
  base::Result<Answer> post_json(std::string_view path, std::string body);

 private:
  struct Call {
    bool post;
    std::string path, body;
  };

  base::Result<Answer> call(const Call& call);
  base::Error unreachable(const boost::system::error_code& failure) const;
  boost::system::error_code connect();
  boost::system::error_code exchange(const Call& call, Answer& answer);

  ServerAddress target_;
  std::chrono::milliseconds timeout_;
  boost::asio::io_context context_{1};
  boost::beast::tcp_stream stream_{context_};
  std::string bearer_token_;
  bool connected_ = false;
};

}  // namespace http
