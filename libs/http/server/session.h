// One HTTP connection: reads requests, lets the router's handlers answer them in order, one at a time.
//
// A coroutine owns the session, on its shard's thread. The session owns no buffer while it waits for a request. Every
// wait has a deadline, which the shard's sweep enforces; a handler must bound its own time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bounds.h"
#include "base/permit.h"
#include "http/codec/problem.h"
#include "http/codec/request_reader.h"
#include "http/routing/allowed_hosts.h"
#include "http/routing/cors.h"
#include "http/routing/forwarded_headers.h"
#include "http/routing/router.h"
#include "http/server/session_list.h"
#include "runtime/connection.h"
#include "runtime/shard.h"

namespace http {

struct SessionOptions {
  RequestLimits limits;
  ForwardedHeaders forwarded;
  AllowedHosts allowed_hosts;
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(15);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);  // also for a client that does not read
  // How long a browser that has asked by https shall ask by nothing else (HSTS); 0: as it likes.
  std::chrono::seconds hsts_max_age{0};
  static constexpr base::Bounds<std::chrono::seconds> hsts_bounds{std::chrono::seconds(0),
                                                                  std::chrono::hours(24 * 730)};
  // Of each timeout.
  static constexpr base::Bounds<std::chrono::milliseconds> timeout_bounds{std::chrono::milliseconds(100),
                                                                          std::chrono::minutes(10)};
};

// The state that all sessions of a shard share.
struct SessionContext {
  runtime::Shard& shard;
  const Router& router;
  const CorsPolicy& cors;
  const SessionOptions& options;
  AnswerObserver unrouted;  // for requests that reach no route
  SessionList sessions;
  std::string scratch =
      std::string(std::size_t{64} << 10, '\0');  // every session reads into it; used between two suspensions
  std::string date;                              // IMF-fixdate, of the present second
  bool draining = false;
  base::Budget lasting{SIZE_MAX};  // connections whose answer may take any time: upgraded ones and waiting polls
};

class Session : private Peer {
 public:
  Session(SessionContext& context, runtime::Connection connection, std::string_view door);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  runtime::Awaitable<void> run();

  // For the session list.
  bool is_overdue(base::SteadyTime now) const { return now >= deadline_; }
  bool is_idle() const;
  bool has_just_come(base::SteadyTime now) const;
  void abort();

 private:
  enum class Phase { idle, reading, handling, writing };

  void enter(Phase phase, std::optional<std::chrono::milliseconds> timeout);
  runtime::Awaitable<bool> shake_hands();
  runtime::Awaitable<RequestReader::State> read_head();
  runtime::Awaitable<RequestReader::State> read_body();
  RequestReader::State feed();
  runtime::Awaitable<bool> read_some();
  runtime::Awaitable<bool> send_continue();
  runtime::Awaitable<void> end_sending();
  runtime::Awaitable<void> linger();
  void watch(std::function<void()> gone) override;
  void await_end(const std::weak_ptr<std::function<void()>>& watch);
  void end_watch();
  runtime::Awaitable<std::optional<Response>> answer();
  Response finished(const Request& request, Response response, const AnswerObserver& answered,
                    double seconds = 0) const;
  Response refuse_invalid() const;
  runtime::Awaitable<bool> skip_body();
  std::optional<Response> answer_without_route(Request& request, const TraceId& trace_id) const;
  static Response answer_server_options();
  static Response refuse_encoding(const TraceId& trace_id);
  Response answer_unrouted(const Request& request, const std::vector<std::string>& methods, const TraceId& trace_id);
  runtime::Awaitable<bool> write(const Response& response, bool keep_alive);
  runtime::Awaitable<bool> write_all(std::string_view bytes);

  SessionContext& context_;
  runtime::Connection connection_;
  const std::string_view door_;
  Address peer_;
  SessionList::Place place_;
  base::SteadyTime first_request_until_;  // while a drain waits for it
  bool served_ = false;                   // a head was read, or it will not come
  Phase phase_ = Phase::idle;
  base::SteadyTime deadline_ = base::SteadyTime::max();
  std::optional<RequestReader> reader_;
  std::shared_ptr<std::function<void()>> watch_;  // while a handler watches for the client's disconnect
  base::Permit lasting_;
  std::string input_;            // bytes read from the socket
  std::size_t input_taken_ = 0;  // of input_, by the reader
  bool client_gone_ = false;
};

}  // namespace http
