// Lets a coroutine wait for a callback that any thread may call.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/shard.h"

namespace runtime {

namespace detail {

// A suspended coroutine. Only its shard's thread touches it, except for bring().
template <class Handler, class T, class Late>
class Waiting final : public Expirable, public Deferred {
 public:
  Waiting(Handler handler, Late late) : handler_(std::move(handler)), late_(std::move(late)) {}

  // Any thread. Returns false for all values but the first.
  bool bring(T value) {
    if (brought_.test_and_set()) return false;
    value_.emplace(std::move(value));
    return true;
  }

  void run_deferred() override { resume(std::move(*value_)); }
  void expire() override { resume(late_()); }

 private:
  void resume(T value) {
    if (!handler_) return;  // its deadline passed before
    Shard::forget(*this);
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)(std::move(value));
  }

  std::optional<Handler> handler_;
  Late late_;
  std::atomic_flag brought_;
  std::optional<T> value_;
};

// One of the two.
template <class T>
struct BlockingOutcome {
  std::optional<T> value;
  std::exception_ptr failure;
};

}  // namespace detail

// Calls start(done), and resumes on the shard with the value of the first done(value). When a timeout is set and passes
// first, resumes with late() and drops a later value.
template <class T, class Start, class Late>
Awaitable<T> await_callback(Shard& shard, Start start, std::chrono::milliseconds timeout, Late late) {
  // Runs when the caller awaits the awaitable. It is no coroutine: each coroutine costs an allocation for each request.
  auto initiate = [&shard, start = std::move(start), timeout, late = std::move(late)](auto handler) mutable {
    using Waiting = detail::Waiting<std::decay_t<decltype(handler)>, T, Late>;
    auto waiting = std::make_shared<Waiting>(std::move(handler), std::move(late));
    if (timeout.count() > 0) shard.after(timeout, waiting);
    start([&shard, waiting](T value) {
      if (waiting->bring(std::move(value))) shard.hand_over(waiting);
    });
  };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(T)>(std::move(initiate),
                                                                                            use_awaitable);
}

template <class T, class Start>
Awaitable<T> await_callback(Shard& shard, Start start) {
  return await_callback<T>(shard, std::move(start), std::chrono::milliseconds(0), [] { return T(); });
}

// The same on the shard of the calling coroutine, without a timeout.
template <class T, class Start>
Awaitable<T> await_callback(Start start) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const auto initiate = [&](auto handler) {
    const auto late = [] { return T(); };
    using Waiting = detail::Waiting<std::decay_t<decltype(handler)>, T, decltype(late)>;
    auto waiting = std::make_shared<Waiting>(std::move(handler), late);
    start([executor, waiting](T value) {
      if (waiting->bring(std::move(value))) boost::asio::post(executor, [waiting] { waiting->run_deferred(); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(T)>(initiate,
                                                                                                        use_awaitable);
}

// Runs blocking work on a pool (a BlockingExecutor) and resumes on the shard with the work's return value, or with
// `refused` when the pool is full. Throws on the shard what the work throws.
template <class Pool, class Work, class T = std::invoke_result_t<Work>>
Awaitable<T> await_blocking(Shard& shard, const Pool& pool, Work work, T refused) {
  using Outcome = detail::BlockingOutcome<T>;
  auto outcome = co_await await_callback<Outcome>(shard, [&](auto done) {
    const auto run = [work = std::move(work), done] {
      Outcome ended;
      try {
        ended.value.emplace(work());
      } catch (...) {
        ended.failure = std::current_exception();
      }
      done(std::move(ended));
    };
    if (pool(run)) return;
    Outcome ended;
    ended.value.emplace(std::move(refused));
    done(std::move(ended));
  });
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  co_return std::move(*outcome.value);
}

}  // namespace runtime
