// Asio with our one executor type: concrete, so that nothing is type-erased on the hot path.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace message_service {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using ErrorCodeAsio = boost::system::error_code;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};

// co_await f(tuple_awaitable) gives the error as a value.
inline constexpr auto tuple_awaitable = asio::as_tuple(use_awaitable);

}  // namespace message_service
