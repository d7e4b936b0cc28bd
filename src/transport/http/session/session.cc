#include "transport/http/session/session.h"

#include <boost/asio/write.hpp>
#include <utility>

#include "runtime/executors/spawn.h"
#include "transport/http/codec/problem.h"

namespace message_service::http {

using State = RequestReader::State;

namespace {

constexpr auto kLingerTimeout = std::chrono::seconds(2);
constexpr std::size_t kLingerBytesMax = std::size_t{16} << 20;
constexpr std::size_t kNewestSessions = 256;  // looked at for an idle one, each time that a place is needed

}  // namespace

void SessionList::sweep(SteadyTime now) {
  for (Session* session : sessions_) {
    if (session->is_overdue(now)) session->abort();
  }
}

std::size_t SessionList::end_idle() {
  std::size_t ended = 0;
  for (Session* session : sessions_) {
    if (!session->is_idle()) continue;
    session->abort();
    ++ended;
  }
  return ended;
}

bool SessionList::end_newest_idle() {
  std::size_t looked_at = 0;
  for (auto session = sessions_.rbegin(); session != sessions_.rend() && looked_at < kNewestSessions; ++looked_at) {
    if ((*session)->is_idle()) {
      (*session)->abort();
      return true;
    }
    ++session;
  }
  return false;
}

Session::Session(SessionContext& context, Socket socket)
    : context_(context), socket_(std::move(socket)), place_(context.sessions.add(this)) {
  ErrorCodeAsio ignored;  // a socket that is gone already says so at its first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  peer_ = plain_address(socket_.remote_endpoint(ignored).address());
}

Session::~Session() { context_.sessions.remove(place_); }

void Session::abort() {
  ErrorCodeAsio ignored;
  socket_.close(ignored);
}

// A request that has come, and is not read yet, is still answered.
bool Session::is_idle() const {
  ErrorCodeAsio ignored;
  return phase_ == Phase::idle && socket_.is_open() && socket_.available(ignored) == 0;
}

void Session::enter(Phase phase, std::optional<std::chrono::milliseconds> timeout) {
  phase_ = phase;
  deadline_ = timeout ? context_.shard.now() + *timeout : SteadyTime::max();
}

Awaitable<void> Session::run() {
  bool open = true;
  while (open && !context_.draining) {
    reader_.emplace(context_.options.limits);
    const State state = co_await read_request();
    if (state == State::failed) {
      if (reader_->failed_status() == 0) break;  // the client went away
      const TraceId trace_id({});
      const Problem problem{.status = reader_->failed_status(), .detail = reader_->failed_detail()};
      context_.unrouted.answered(problem.status, 0);
      Response refusal = problem_response(problem, trace_id);
      const Request request{.headers = &*reader_};
      context_.cors.decorate(request, refusal);
      const bool written = co_await write(refusal, false);
      if (written) co_await linger();
      break;
    }
    Response response = co_await handle();
    const bool keep_alive = reader_->keep_alive() && !response.close && !context_.draining;
    const bool written = co_await write(response, keep_alive);
    open = written && keep_alive;
    if (response.upgrade && socket_.is_open()) {
      enter(Phase::handling, std::nullopt);
      lasting_ = context_.lasting.take();
      reader_.reset();
      Upgraded upgraded{std::move(socket_), std::move(input_)};
      co_await response.upgrade(std::move(upgraded));
      co_return;
    }
    if (written && !keep_alive && !context_.draining) co_await linger();
  }
  ErrorCodeAsio ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

// `failed` with status 0: the client went away.
Awaitable<State> Session::read_request() {
  enter(Phase::idle, context_.options.idle_timeout);
  State state = State::reading_header;
  bool continued = false;
  while (true) {
    std::string_view rest = input_;
    if (!rest.empty()) {
      if (phase_ == Phase::idle) enter(Phase::reading, context_.options.header_timeout);
      const State before = state;
      state = reader_->feed(rest);
      if (state == State::head) {
        state = reader_->begin_body(body_bytes_max()) ? reader_->feed(rest) : State::failed;
      }
      input_.erase(0, input_.size() - rest.size());
      if (state == State::complete || state == State::failed) co_return state;
      if (state == State::reading_body && before != State::reading_body) {
        enter(Phase::reading, context_.options.body_timeout);
      }
    }
    if (state == State::reading_body && !continued && reader_->expects_continue()) {
      continued = true;
      const bool sent = co_await send_continue();
      if (!sent) co_return State::failed;
    }
    const bool more = co_await read_some();
    if (!more) co_return State::failed;
  }
}

// Waits without a buffer, then reads into the shard's.
Awaitable<bool> Session::read_some() {
  while (true) {
    const auto [waited] = co_await socket_.async_wait(Socket::wait_read, tuple_awaitable);
    if (waited) co_return false;
    ErrorCodeAsio error;
    const std::size_t count = socket_.read_some(asio::buffer(context_.scratch), error);
    if (error == asio::error::would_block) continue;
    if (error) co_return false;
    input_.append(context_.scratch, 0, count);
    co_return true;
  }
}

// Reads on for a moment and throws away: closing while the client still sends would reset the connection, and take the
// answer with it.
Awaitable<void> Session::linger() {
  ErrorCodeAsio ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  enter(Phase::reading, kLingerTimeout);
  std::size_t discarded = 0;
  while (discarded < kLingerBytesMax) {
    input_.clear();
    const bool more = co_await read_some();
    if (!more) co_return;
    discarded += input_.size();
  }
}

Awaitable<bool> Session::send_continue() { co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n"); }

Awaitable<Response> Session::handle() {
  enter(Phase::handling, std::nullopt);
  const SteadyTime started = SteadyClock::now();
  Request request{.method = reader_->method(),
                  .headers = &*reader_,
                  .body = reader_->body(),
                  .client = peer_,
                  .host = reader_->host()};
  context_.options.forwarded.apply(request);
  const RouteMetrics* metrics = &context_.unrouted;
  Response response = co_await handle(request, metrics);
  context_.cors.decorate(request, response);
  metrics->answered(response.status, seconds_between(started, SteadyClock::now()));
  co_return response;
}

Awaitable<Response> Session::handle(Request& request, const RouteMetrics*& metrics) {
  TraceId trace_id(request.header("traceparent"));
  if (!context_.options.allowed_hosts.allows(request.host)) {
    co_return problem_response({.status = 400, .detail = "AllowedHosts does not have the request's host"}, trace_id);
  }
  if (request.method == "OPTIONS" && reader_->target() == "*") co_return answer_server_options();
  const std::string_view encoding = request.header("Content-Encoding");
  if (!encoding.empty() && !equals_ignoring_case(encoding, "identity")) co_return refuse_encoding(trace_id);
  auto target = parse_target(reader_->target());
  if (!target) co_return problem_response({.status = 400, .detail = target.error().text}, trace_id);
  request.target = std::move(*target);
  auto match = context_.router.match(request.method, request.target);
  if (match.route == nullptr) co_return answer_unrouted(request, match.methods, trace_id);

  metrics = &match.route->metrics;
  request.parameters = std::move(match.parameters);
  Exchange exchange{request, context_.shard, std::move(trace_id), *this};
  Response response;
  try {
    response = co_await match.route->handler(exchange);
  } catch (...) {
    log_failure("A request's handler", std::current_exception());
    response = problem_response({.status = 500, .detail = "the request could not be handled"}, exchange.trace_id);
  }
  end_watch();
  co_return response;
}

// Where the limit is not enough, the route may allow more.
std::uint64_t Session::body_bytes_max() const {
  if (reader_->body_bytes().value_or(UINT64_MAX) <= context_.options.limits.body_bytes_max) return 0;
  const auto parsed = parse_target(reader_->target());
  if (!parsed) return 0;
  const auto match = context_.router.match(reader_->method(), *parsed);
  return match.route == nullptr ? 0 : match.route->body_bytes_max;
}

void Session::watch(std::function<void()> gone) {
  lasting_ = context_.lasting.take();
  watch_ = std::make_shared<std::function<void()>>(std::move(gone));
  await_end(watch_);
}

// Looks without reading: what comes may be the next request.
void Session::await_end(const std::weak_ptr<std::function<void()>>& watch) {
  socket_.async_wait(Socket::wait_read, [this, watch](const ErrorCodeAsio& failed) {
    const auto gone = watch.lock();
    if (failed || !gone) return;  // the answer is there, and the session may be gone
    char byte;
    ErrorCodeAsio error;
    const std::size_t count = socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
    if (error == asio::error::would_block) return await_end(watch);
    if (error || count == 0) (*gone)();
  });
}

void Session::end_watch() {
  if (!watch_) return;
  watch_.reset();
  lasting_ = Permit();
  ErrorCodeAsio ignored;
  socket_.cancel(ignored);
}

// Asks about the server as a whole, which HAProxy does to see whether it lives.
Response Session::answer_server_options() {
  Response response{.status = 204};
  response.headers.emplace_back("Allow", "GET, HEAD, POST, DELETE, OPTIONS");
  return response;
}

// RFC 9110, section 12.5.3: Accept-Encoding tells how to send it instead.
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

Awaitable<bool> Session::write(const Response& response, bool keep_alive) {
  std::string out;
  write_response(out, response,
                 {.date = context_.date,
                  .keep_alive = keep_alive,
                  .says_keep_alive = reader_->is_http_1_0(),
                  .without_body = reader_->method() == "HEAD"});
  co_return co_await write_all(out);
}

// Tries at once: the socket's buffer nearly always has room, and then nothing is suspended.
Awaitable<bool> Session::write_all(std::string_view bytes) {
  const Phase before = phase_;
  while (!bytes.empty()) {
    ErrorCodeAsio error;
    const std::size_t written = socket_.write_some(asio::buffer(bytes), error);
    bytes.remove_prefix(written);
    if (error == asio::error::would_block) {
      enter(Phase::writing, context_.options.idle_timeout);
      const auto [waited] = co_await socket_.async_wait(Socket::wait_write, tuple_awaitable);
      if (waited) co_return false;
    } else if (error) {
      co_return false;
    }
  }
  phase_ = before;
  co_return true;
}

}  // namespace message_service::http
