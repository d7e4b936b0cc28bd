// Asio with our one executor type: concrete, so that nothing is type-erased on the hot path.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runtime {

using Executor = boost::asio::io_context::executor_type;

template <class T>
using Awaitable = boost::asio::awaitable<T, Executor>;

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
using ErrorCodeAsio = boost::system::error_code;

inline constexpr boost::asio::use_awaitable_t<Executor> use_awaitable{};

// co_await f(tuple_awaitable) gives the error as a value.
inline constexpr auto tuple_awaitable = boost::asio::as_tuple(use_awaitable);

}  // namespace runtime
