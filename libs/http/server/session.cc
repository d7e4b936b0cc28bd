#include "http/server/session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/ascii.h"
#include "http/codec/problem.h"
#include "logging/logging.h"
#include "runtime/spawn.h"

namespace http {

using State = RequestReader::State;

namespace {

constexpr auto kLingerTimeout = std::chrono::seconds(2);
constexpr auto kFirstRequestGrace = std::chrono::milliseconds(250);
constexpr std::size_t kLingerBytesMax = std::size_t{16} << 20;
constexpr std::size_t kInputBytesKept = std::size_t{4} << 10;  // for the next request of a connection that waits

// Call while handling an exception of a route's code.
Response response_to_failure(const Exchange& exchange) {
  runtime::log_failure("A request's handler", std::current_exception());
  return problem_response({.status = 500, .detail = "the request could not be handled"}, exchange.trace_id);
}

}  // namespace

Session::Session(SessionContext& context, runtime::Connection connection, std::string_view door)
    : context_(context),
      connection_(std::move(connection)),
      door_(door),
      place_(context.sessions.add(this)),
      first_request_until_(context.shard.now() + kFirstRequestGrace) {
  runtime::ErrorCodeAsio ignored;  // a socket that is already disconnected fails at its first read
  runtime::Socket& socket = connection_.socket();
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  peer_ = plain_address(socket.remote_endpoint(ignored).address());
}

Session::~Session() { context_.sessions.remove(place_); }

void Session::abort() { connection_.close(); }

// A request that has arrived but is not read yet still gets its answer.
bool Session::is_idle() const { return phase_ == Phase::idle && connection_.is_open() && !connection_.has_input(); }

bool Session::has_just_come(base::SteadyTime now) const { return !served_ && now < first_request_until_; }

void Session::enter(Phase phase, std::optional<std::chrono::milliseconds> timeout) {
  phase_ = phase;
  deadline_ = timeout ? context_.shard.now() + *timeout : base::SteadyTime::max();
}

runtime::Awaitable<void> Session::run() {
  bool open = true;
  if (connection_.is_secure()) open = co_await shake_hands();
  while (open && !(served_ && context_.draining)) {
    reader_.emplace(context_.options.limits);
    std::optional<Response> response;
    const State head = co_await read_head();
    served_ = true;
    if (head == State::head) response = co_await answer();
    if (client_gone_) break;
    if (!response) {
      const bool written = co_await write(refuse_invalid(), false);
      if (written) co_await linger();
      break;
    }
    const bool unread = reader_->state() == State::head;
    const bool can_go_on = !unread || reader_->begin_skipping_body();
    const bool keep_alive = reader_->keep_alive() && can_go_on && !response->close && !context_.draining;
    const bool written = co_await write(*response, keep_alive);
    open = written && keep_alive;
    if (response->upgrade && connection_.is_open()) {
      enter(Phase::handling, std::nullopt);
      lasting_ = context_.lasting.take();
      reader_.reset();
      Upgraded upgraded{std::move(connection_), input_.substr(input_taken_)};
      std::string().swap(input_);
      co_await response->upgrade(std::move(upgraded));
      co_return;
    }
    if (written && !keep_alive && !context_.draining) co_await linger();
    if (open && unread) open = co_await skip_body();
    // Between two requests of a client that sends many at once, the shard serves other clients.
    if (open && input_taken_ < input_.size())
      co_await boost::asio::post(context_.shard.executor(), runtime::use_awaitable);
  }
  co_await end_sending();
}

// The session is idle meanwhile: it owes the client nothing yet.
runtime::Awaitable<bool> Session::shake_hands() {
  enter(Phase::idle, context_.options.header_timeout);
  runtime::ErrorCodeAsio error = boost::asio::error::would_block;
  while (error == boost::asio::error::would_block) {
    const auto [waited] = co_await connection_.async_wait_readable(runtime::tuple_awaitable);
    if (waited) {
      error = waited;
    } else if (connection_.handshake(error); error && logging::enabled(logging::Level::debug)) {
      logging::debug("A TLS handshake with " + peer_.to_string() + " failed: " + connection_.fault());
    }
  }
  if (!error) co_return true;
  if (Observer* const observer = context_.router.observer()) observer->failed_handshake();
  co_return false;
}

// Feeds the input to the reader, which takes as much of it as it can.
State Session::feed() {
  std::string_view rest = std::string_view(input_).substr(input_taken_);
  const State state = reader_->feed(rest);
  input_taken_ = input_.size() - rest.size();
  if (input_taken_ == input_.size()) {
    input_.clear();
    input_taken_ = 0;
    if (input_.capacity() > kInputBytesKept) input_.shrink_to_fit();  // assigning an empty string keeps the memory
  }
  return state;
}

runtime::Awaitable<State> Session::read_head() {
  enter(Phase::idle, context_.options.idle_timeout);
  while (true) {
    if (!input_.empty()) {
      if (phase_ == Phase::idle) enter(Phase::reading, context_.options.header_timeout);
      const State state = feed();
      if (state != State::reading_header) co_return state;
    }
    const bool more = co_await read_some();
    client_gone_ = !more;
    if (client_gone_) co_return State::failed;
  }
}

// Waits for the rest of a body, after begin_body() or begin_skipping_body().
runtime::Awaitable<State> Session::read_body() {
  enter(Phase::reading, context_.options.body_timeout);
  if (reader_->expects_continue()) {
    const bool sent = co_await send_continue();
    client_gone_ = !sent;
    if (client_gone_) co_return State::failed;
  }
  while (true) {
    const bool more = co_await read_some();
    client_gone_ = !more;
    if (client_gone_) co_return State::failed;
    const State state = feed();
    if (state != State::reading_body) co_return state;
  }
}

// Skips the body of a request that was answered from its head. Returns false when the connection must end.
runtime::Awaitable<bool> Session::skip_body() {
  State state = feed();
  if (state == State::reading_body) state = co_await read_body();
  co_return state == State::complete;
}

// Waits without a buffer, then reads into the shard's buffer.
runtime::Awaitable<bool> Session::read_some() {
  while (true) {
    const auto [waited] = co_await connection_.async_wait_readable(runtime::tuple_awaitable);
    if (waited) co_return false;
    runtime::ErrorCodeAsio error;
    const std::size_t count = connection_.read_some(boost::asio::buffer(context_.scratch), error);
    if (error == boost::asio::error::would_block) continue;
    if (error) co_return false;
    input_.erase(0, std::exchange(input_taken_, 0));
    input_.append(context_.scratch, 0, count);
    co_return true;
  }
}

runtime::Awaitable<void> Session::end_sending() {
  while (true) {
    runtime::ErrorCodeAsio error;
    connection_.end_sending(error);
    if (error != boost::asio::error::would_block) co_return;
    enter(Phase::writing, context_.options.idle_timeout);
    const auto [waited] = co_await connection_.async_wait_writable(runtime::tuple_awaitable);
    if (waited) co_return;
  }
}

// Reads on for a moment and discards the input: closing while the client still sends would reset the connection and
// lose the answer.
runtime::Awaitable<void> Session::linger() {
  co_await end_sending();
  enter(Phase::reading, kLingerTimeout);
  std::size_t discarded = 0;
  while (discarded < kLingerBytesMax) {
    input_.clear();
    input_taken_ = 0;
    const bool more = co_await read_some();
    if (!more) co_return;
    discarded += input_.size();
  }
}

runtime::Awaitable<bool> Session::send_continue() { co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n"); }

// Returns nothing when the body breaks a rule, or when the client disconnects.
runtime::Awaitable<std::optional<Response>> Session::answer() {
  Request request{
      .method = reader_->method(), .headers = &*reader_, .client = peer_, .host = reader_->host(), .door = door_};
  if (connection_.is_secure()) request.scheme = "https";
  context_.options.forwarded.apply(request);
  TraceId trace_id(request.header("traceparent"));
  if (auto response = answer_without_route(request, trace_id)) {
    co_return finished(request, std::move(*response), context_.unrouted);
  }
  auto match = context_.router.match(request.method, request.target);
  if (match.route == nullptr) {
    co_return finished(request, answer_unrouted(request, match.methods, trace_id), context_.unrouted);
  }
  request.parameters = std::move(match.parameters);
  const std::uint64_t longest = std::max(context_.options.limits.body_bytes_max, match.route->options.body_bytes_max);
  request.body_bytes_max = reader_->body_bytes().value_or(longest);
  Exchange exchange{
      request, context_.shard, std::move(trace_id), *this, match.route->options.access, match.route->options.limit};
  if (match.route->options.admission) {
    auto refusal = match.route->options.admission(exchange);
    if (refusal) co_return finished(request, std::move(*refusal), match.route->answered);
  }
  for (const Gate* gate : {&context_.router.policy(), &match.route->options.gate}) {
    if (!*gate || request.body_bytes_max > longest) continue;  // begin_body() refuses a body that is too long
    enter(Phase::handling, std::nullopt);
    std::optional<Response> refusal;
    try {
      refusal = co_await (*gate)(exchange);
    } catch (...) {
      refusal = response_to_failure(exchange);
    }
    end_watch();
    if (refusal) co_return finished(request, std::move(*refusal), match.route->answered);
  }
  if (!reader_->begin_body(match.route->options.body_bytes_max)) co_return std::nullopt;
  State state = feed();
  if (state == State::reading_body) state = co_await read_body();
  if (state != State::complete) co_return std::nullopt;

  request.body = reader_->body();
  enter(Phase::handling, std::nullopt);
  const base::SteadyTime started = base::SteadyClock::now();
  Response response;
  try {
    response = co_await match.route->handler(exchange);
  } catch (...) {
    response = response_to_failure(exchange);
  }
  end_watch();
  co_return finished(request, std::move(response), match.route->answered,
                     base::seconds_between(started, base::SteadyClock::now()));
}

// Returns the answer to a request whose head is wrong or that asks for no path. Otherwise returns nothing and sets the
// request's target.
std::optional<Response> Session::answer_without_route(Request& request, const TraceId& trace_id) const {
  if (!context_.options.allowed_hosts.allows(request.host)) {
    return problem_response({.status = 400, .detail = "AllowedHosts does not have the request's host"}, trace_id);
  }
  if (request.method == "OPTIONS" && reader_->target() == "*") return answer_server_options();
  const std::string_view encoding = request.header("Content-Encoding");
  if (!encoding.empty() && !base::equals_ignoring_case(encoding, "identity")) return refuse_encoding(trace_id);
  auto target = parse_target(reader_->target());
  if (!target) return problem_response({.status = 400, .detail = target.error().text}, trace_id);
  request.target = std::move(*target);
  return std::nullopt;
}

Response Session::finished(const Request& request, Response response, const AnswerObserver& answered,
                           double seconds) const {
  context_.cors.decorate(request, response);
  const auto hsts = context_.options.hsts_max_age;
  // ASP.NET Core leaves this machine's own names out too: a browser would refuse its other services.
  if (hsts.count() > 0 && request.scheme == "https" && !names_own_machine(request.host)) {
    response.headers.emplace_back("Strict-Transport-Security", "max-age=" + std::to_string(hsts.count()));
  }
  if (answered) answered(response.status, seconds);
  return response;
}

// The answer to a request that breaks a rule of HTTP or a limit.
Response Session::refuse_invalid() const {
  const Request request{.headers = &*reader_};
  const Problem problem{.status = reader_->failed_status(), .detail = reader_->failed_detail()};
  return finished(request, problem_response(problem, TraceId({})), context_.unrouted);
}

void Session::watch(std::function<void()> gone) {
  lasting_ = context_.lasting.take();
  watch_ = std::make_shared<std::function<void()>>(std::move(gone));
  await_end(watch_);
}

// Peeks without reading: the bytes may belong to the next request.
void Session::await_end(const std::weak_ptr<std::function<void()>>& watch) {
  connection_.async_wait_readable([this, watch](const runtime::ErrorCodeAsio& failed) {
    const auto gone = watch.lock();
    if (failed || !gone) return;  // the answer is ready, and the session may no longer exist
    runtime::ErrorCodeAsio error;
    const std::size_t count = connection_.peek(error);
    if (error == boost::asio::error::would_block) return await_end(watch);
    if (error || count == 0) (*gone)();
  });
}

void Session::end_watch() {
  if (!watch_) return;
  watch_.reset();
  lasting_ = base::Permit();
  connection_.cancel();
}

// Answers a question about the server as a whole. HAProxy asks it to see whether the server lives.
Response Session::answer_server_options() {
  Response response{.status = 204};
  response.headers.emplace_back("Allow", "GET, HEAD, POST, DELETE, OPTIONS");
  return response;
}

// RFC 9110, section 12.5.3: Accept-Encoding names the encoding to use instead.
Response Session::refuse_encoding(const TraceId& trace_id) {
  const std::string detail = "a body must be sent as it is, without Content-Encoding";
  Response response = problem_response({.status = 415, .detail = detail}, trace_id);
  response.headers.emplace_back("Accept-Encoding", "identity");
  return response;
}

Response Session::answer_unrouted(const Request& request, const std::vector<std::string>& methods,
                                  const TraceId& trace_id) {
  if (methods.empty()) return problem_response({.status = 404, .detail = "there is nothing at this path"}, trace_id);
  std::string allow;
  for (const std::string& method : methods) allow.append(allow.empty() ? "" : ", ").append(method);
  Response response;
  if (request.method == "OPTIONS") {
    response.status = 204;
    context_.cors.answer_preflight(request, response);
  } else {
    const std::string detail = "this path answers to " + allow + " only";
    response = problem_response({.status = 405, .detail = detail}, trace_id);
  }
  response.headers.emplace_back("Allow", allow);
  return response;
}

runtime::Awaitable<bool> Session::write(const Response& response, bool keep_alive) {
  std::string out;
  write_response(out, response,
                 {.date = context_.date,
                  .keep_alive = keep_alive,
                  .says_keep_alive = reader_->is_http_1_0(),
                  .without_body = reader_->method() == "HEAD"});
  co_return co_await write_all(out);
}

// Writes at once: the socket's buffer nearly always has room, and then the coroutine does not suspend.
runtime::Awaitable<bool> Session::write_all(std::string_view bytes) {
  const Phase before = phase_;
  while (!bytes.empty()) {
    runtime::ErrorCodeAsio error;
    const std::size_t written = connection_.write_some(boost::asio::buffer(bytes), error);
    bytes.remove_prefix(written);
    if (error == boost::asio::error::would_block) {
      enter(Phase::writing, context_.options.idle_timeout);
      const auto [waited] = co_await connection_.async_wait_writable(runtime::tuple_awaitable);
      if (waited) co_return false;
    } else if (error) {
      co_return false;
    }
  }
  phase_ = before;
  co_return true;
}

}  // namespace http
