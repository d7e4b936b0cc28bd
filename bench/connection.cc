#include "bench/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace message_service::bench {

namespace asio = boost::asio;
using boost::system::error_code;

Connection::Connection(Lane& lane, std::uint32_t number)
    : lane_(lane), conversation_(number % lane.requests.size()), next_request_(number) {}

void Connection::open(base::SteadyTime now) {
  state_ = State::connecting;
  began_ = now;
  ++lane_.connecting;
  link_ = std::make_shared<Link>(lane_.context);
  link_->socket.async_connect(lane_.endpoint, [this, link = link_, life = life_](const error_code& failure) {
    if (life == life_) on_connected(failure);
  });
}

void Connection::on_connected(const error_code& failure) {
  error_code option_failure;
  if (!failure) {
    link_->socket.set_option(asio::ip::tcp::no_delay(true), option_failure);
    if (!option_failure) link_->socket.non_blocking(true, option_failure);
  }
  if (failure || option_failure) return fail(Failure::connect);
  if (lane_.security == nullptr) return on_open({});
  link_->secure.emplace(link_->socket, lane_.security->context);
  http::expect_server(link_->secure->native_handle(), lane_.security->host);
  link_->secure->async_handshake(asio::ssl::stream_base::client,
                                 [this, link = link_, life = life_](const error_code& refused) {
                                   if (life == life_) on_open(refused);
                                 });
}

void Connection::on_open(const error_code& failure) {
  if (failure) return fail(Failure::connect);
  --lane_.connecting;
  state_ = State::idle;
  pump(base::SteadyClock::now());
  receive();
}

void Connection::add_due(base::SteadyTime now) {
  ++due_;
  pump(now);
}

void Connection::pump(base::SteadyTime now) {
  if (state_ != State::idle || !lane_.sending || lane_.requests_left == 0) return;
  if (lane_.schedule) {
    if (due_ == 0) return;
    --due_;
    intended_ = lane_.schedule->intended(next_request_);
    next_request_ += lane_.connections;
  } else {
    intended_ = now;
  }
  --lane_.requests_left;
  send(now);
}

void Connection::send(base::SteadyTime now) {
  state_ = State::busy;
  began_ = now;
  ++lane_.in_flight;
  parser_.reset();
  const std::string_view line = lane_.requests.request_line(conversation_);
  const std::string_view key = lane_.keys.next();
  const std::string_view rest = lane_.requests.rest();
  const std::array<asio::const_buffer, 3> pieces{asio::buffer(line), asio::buffer(key), asio::buffer(rest)};
  error_code failure;
  // OpenSSL wants one piece, and the same bytes again when the socket is full.
  const std::size_t sent = link_->secure ? 0 : link_->socket.write_some(pieces, failure);
  // A dead socket shows at the next read; here only a full socket matters.
  if (sent < line.size() + key.size() + rest.size() && (!failure || failure == asio::error::would_block)) {
    send_rest(key, sent);
  }
  if (++conversation_ == lane_.requests.size()) conversation_ = 0;
}

void Connection::send_rest(std::string_view key_line, std::size_t sent) {
  rest_ = lane_.requests.request_line(conversation_);
  rest_ += key_line;
  rest_ += lane_.requests.rest();
  on_link([&](auto& stream) {
    asio::async_write(stream, asio::buffer(rest_) + sent, [link = link_](const error_code&, std::size_t) {});
  });
}

template <class Operation>
void Connection::on_link(Operation operation) {
  link_->secure ? operation(*link_->secure) : operation(link_->socket);
}

void Connection::receive() {
  on_link([&](auto& stream) {
    stream.async_read_some(asio::buffer(buffer_),
                           [this, link = link_, life = life_](const error_code& failure, std::size_t bytes) {
                             if (life == life_) on_received(failure, bytes);
                           });
  });
}

void Connection::on_received(const error_code& failure, std::size_t bytes) {
  if (failure) {
    if (state_ == State::busy) return fail(Failure::reset);
    return close();  // the server may close an idle connection
  }
  if (state_ != State::busy) return fail(Failure::malformed);  // an answer without a request
  const std::size_t taken = parser_.feed({buffer_.data(), bytes});
  if (parser_.state() == ResponseParser::State::malformed) return fail(Failure::malformed);
  if (parser_.state() == ResponseParser::State::complete) return on_complete(base::SteadyClock::now(), bytes - taken);
  receive();
}

void Connection::on_complete(base::SteadyTime now, std::size_t bytes_left) {
  state_ = State::idle;
  --lane_.in_flight;
  const std::uint16_t status = parser_.status();
  if (status >= 200 && status < 300) {
    lane_.answered(intended_, now);
  } else {
    lane_.unexpected(status);
  }
  if (bytes_left > 0) return fail(Failure::malformed);
  if (!parser_.keep_alive()) {
    close();
    if (lane_.sending) open(now);
    return;
  }
  pump(now);
  receive();
}

void Connection::sweep(base::SteadyTime now) {
  if (state_ == State::closed || state_ == State::idle || now - began_ < lane_.timeout) return;
  fail(state_ == State::connecting ? Failure::connect : Failure::timeout);
}

void Connection::count_unsent() {
  for (; due_ > 0; --due_, next_request_ += lane_.connections) lane_.unsent(lane_.schedule->intended(next_request_));
}

void Connection::fail(Failure failure) {
  lane_.failed(failure);
  close();
}

void Connection::close() {
  if (state_ == State::connecting) --lane_.connecting;
  if (state_ == State::busy) --lane_.in_flight;
  state_ = State::closed;
  ++life_;
  error_code ignored;
  if (link_) link_->socket.close(ignored);
}

}  // namespace message_service::bench
