// One keep-alive HTTP/1.1 connection with at most one request in flight. Its Worker owns it and outlives every handler;
// it runs on the worker's thread. After a failure the worker's sweep opens it again.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bench/lane.h"
#include "bench/response_parser.h"

namespace message_service::bench {

class Connection {
 public:
  Connection(Lane& lane, std::uint32_t number);

  bool is_closed() const { return state_ == State::closed; }
  void open(base::SteadyTime now);

  // Open loop: one more request is due. The connection sends it now, or as soon as the connection is free.
  void add_due(base::SteadyTime now);
  // Open loop, at the end: counts the requests that were due and not sent.
  void count_unsent();

  // Sends the next request if there is one to send and the connection is free.
  void pump(base::SteadyTime now);

  // Fails a connect or a request that takes longer than the timeout.
  void sweep(base::SteadyTime now);
  void close();

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
  enum class State { closed, connecting, idle, busy };

  // One life's socket. The handlers of its operations own it too: they may run after the connection was opened anew.
  struct Link {
    explicit Link(boost::asio::io_context& context) : socket(context.get_executor()) {}
    Socket socket;
    std::optional<boost::asio::ssl::stream<Socket&>> secure{};  // none in clear text
  };

  void on_connected(const boost::system::error_code& failure);
  void on_open(const boost::system::error_code& failure);
  void send(base::SteadyTime now);
  void send_rest(std::string_view key_line, std::size_t sent);
  template <class Operation>
  void on_link(Operation operation);
  void receive();
  void on_received(const boost::system::error_code& failure, std::size_t bytes);
  void on_complete(base::SteadyTime now, std::size_t bytes_left);
  void fail(Failure failure);

  Lane& lane_;
  std::shared_ptr<Link> link_;  // null until the connection is first opened
  State state_ = State::closed;
  std::uint32_t conversation_;
  std::uint32_t life_ = 0;       // how often the connection was closed: a handler from an earlier life does nothing
  std::uint64_t due_ = 0;        // open loop: requests that are due
  std::uint64_t next_request_;   // open loop: number of the next request in the thread's schedule
  base::SteadyTime intended_{};  // of the request in flight
  base::SteadyTime began_{};     // connecting, or sending the request in flight
  std::string rest_;             // of a request that the socket did not take at once: rare in clear text
  ResponseParser parser_;
  std::array<char, 4096> buffer_;
};

}  // namespace message_service::bench
