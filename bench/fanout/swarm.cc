#include "bench/fanout/swarm.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "bench/report.h"
#include "bench/request_set.h"
#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

constexpr std::size_t joining_max = 64;  // at a time
constexpr std::uint64_t poster_tag = ~std::uint64_t{0};
constexpr std::chrono::seconds join_timeout{30};  // without a client joined
constexpr std::chrono::seconds silence_max{10};   // after the last message
constexpr std::chrono::seconds stuck_timeout{10};
constexpr std::chrono::milliseconds wait_max{100};
constexpr SmallBuffers stuck_buffers{.receive_bytes = 4096, .segment_bytes = 1448};  // as over Ethernet
constexpr int reading_receive_bytes = 1 << 20;
constexpr int events_max = 128;  // between two looks at the clock

const base::Error interrupted_error{base::ErrorCode::unavailable, "interrupted"};

}  // namespace

Swarm::Swarm(SwarmPlan plan)
    : plan_(std::move(plan)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      clients_(plan_.clients + plan_.stuck),
      poster_({.endpoint = plan_.endpoint,
               .authority = plan_.authority,
               .conversations = plan_.conversations,
               .token = plan_.people.sender,
               .content_bytes = plan_.content_bytes,
               .rate = plan_.rate,
               .messages = static_cast<std::uint64_t>(std::llround(plan_.rate * plan_.duration_s))}),
      reader_(plan_.protocol),
      members_(plan_.conversations),
      progress_(plan_.label, plan_.quiet) {
  for (std::size_t i = 0; i < plan_.clients; ++i) ++members_[conversation_of(i)];
}

base::Result<void> Swarm::connect() {
  base::SteadyTime progress_at = base::SteadyClock::now();
  std::uint32_t joined = 0;
  next_second_ = progress_at + std::chrono::seconds(1);
  while (counts_.joined < clients_.size()) {
    if (runtime::interrupted()) return interrupted_error;
    if (auto opened = open_next(); !opened) return opened;
    wait_for_events(base::SteadyClock::now() + wait_max);
    const base::SteadyTime now = base::SteadyClock::now();
    if (std::exchange(joined, counts_.joined) != counts_.joined) progress_at = now;
    if (!problem_.empty()) return base::Error{base::ErrorCode::unavailable, problem_};
    if (now - progress_at > join_timeout)
      return base::Error{base::ErrorCode::unavailable, "the server lets no more clients join"};
    if (now >= next_second_) show(now);
  }
  if (auto opened = poster_.open(); !opened) return opened;
  watch(epoll_.number(), poster_.socket(), EPOLLIN, poster_tag);
  return {};
}

base::Result<void> Swarm::open_next() {
  while (opened_ < clients_.size() && opened_ - counts_.joined < joining_max) {
    auto socket = begin_connect(plan_.endpoint, is_stuck(opened_) ? std::optional(stuck_buffers) : std::nullopt);
    if (!socket) return socket.error();
    clients_[opened_].socket = std::move(*socket);
    watch(epoll_.number(), clients_[opened_].socket.number(), EPOLLOUT, opened_);
    ++opened_;
  }
  return {};
}

base::Result<void> Swarm::run() {
  started_ = base::SteadyClock::now() + std::chrono::milliseconds(20);
  last_delivery_ = started_;
  const auto duration = std::chrono::duration<double>(plan_.duration_s);
  const base::SteadyTime end = started_ + std::chrono::duration_cast<base::SteadyClock::duration>(duration);
  next_second_ = started_ + std::chrono::seconds(1);
  poster_.begin(started_);
  for (base::SteadyTime now = base::SteadyClock::now();; now = base::SteadyClock::now()) {
    if (runtime::interrupted()) return interrupted_error;
    poster_.pump(now);
    const bool over = now >= end && poster_.is_done();
    if (over && (counts_.deliveries >= expected() || now - std::max(last_delivery_, end) > silence_max)) break;
    if (now >= next_second_) show(now);
    const bool waits_for_time = poster_.is_posting() && poster_.is_free();
    wait_for_events(std::min(waits_for_time ? poster_.due_at(poster_.next()) : now + wait_max, now + wait_max));
  }
  progress_.finish();
  counts_.expected = expected();
  counts_.seconds = base::seconds_between(started_, last_delivery_);
  counts_.messages = poster_.accepted();
  counts_.failed_posts = poster_.failed();
  return {};
}

std::uint64_t Swarm::expected() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) sum += members_[i] * poster_.accepted_by_conversation()[i];
  return sum;
}

void Swarm::read_stuck() {
  for (std::size_t i = plan_.clients; i < clients_.size(); ++i) {
    if (clients_[i].stage != Stage::joined) continue;
    set_receive_bytes(clients_[i].socket.number(), reading_receive_bytes);  // earlier bytes then arrive in one go
    watch(epoll_.number(), clients_[i].socket.number(), EPOLLIN, i);
  }
  const base::SteadyTime until = base::SteadyClock::now() + stuck_timeout;
  while (counts_.stuck_closed < plan_.stuck && base::SteadyClock::now() < until && !runtime::interrupted())
    wait_for_events(until);
}

void Swarm::wait_for_events(base::SteadyTime until) {
  std::array<epoll_event, events_max> events;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - base::SteadyClock::now()).count();
  const int count = epoll_wait(epoll_.number(), events.data(), events_max, static_cast<int>(std::max<long>(left, 0)));
  for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)].data.u64);
}

void Swarm::on_event(std::uint64_t tag) {
  if (tag == poster_tag) return poster_.receive();
  if (clients_[tag].stage == Stage::connecting) return on_connected(tag);
  receive(tag);
}

void Swarm::on_connected(std::size_t index) {
  Client& client = clients_[index];
  const int socket = client.socket.number();
  if (!has_connected(socket) ||
      !write_all(socket, upgrade_request(plan_.authority, conversation_of(index), plan_.compress, token_of(index)))) {
    return close(client);
  }
  client.stage = Stage::upgrading;
  change_watch(epoll_.number(), socket, EPOLLIN, index);
}

void Swarm::receive(std::size_t index) {
  Client& client = clients_[index];
  if (client.stage == Stage::closed) return;
  const ssize_t count = recv(client.socket.number(), buffer_.data(), buffer_.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return close(client);
  std::string_view input(buffer_.data(), static_cast<std::size_t>(count));
  std::string joint;
  if (!client.rest.empty()) {
    joint.swap(client.rest);
    joint.append(input);
    input = joint;
  }
  take(index, input);
  if (!input.empty() && client.stage != Stage::closed) client.rest.assign(input);
}

void Swarm::take(std::size_t index, std::string_view& input) {
  Client& client = clients_[index];
  while (client.stage < Stage::joined) {
    if (!take_answer(index, input)) return;
  }
  if (client.stage == Stage::joined) take_frames(index, input);
}

// Takes one step towards joining. Returns false when it needs more bytes, or has failed.
bool Swarm::take_answer(std::size_t index, std::string_view& input) {
  Client& client = clients_[index];
  const int socket = client.socket.number();
  if (client.stage == Stage::upgrading) {
    const std::string_view head = take_head(input);
    if (head.empty()) return false;
    if (!head.starts_with("HTTP/1.1 101")) {
      problem_ = "the server does not open a WebSocket: " + std::string(head.substr(0, head.find('\r')));
      return false;
    }
    client.stage = Stage::shaking;
    if (plan_.bare) joined(index);
    return plan_.bare || write_all(socket, handshake_frame(plan_.protocol));
  }
  const auto frame = take_frame(input);
  if (!frame) return false;
  if (client.stage == Stage::shaking) {
    if (frame->payload != "{}\x1e") problem_ = "the hub refuses the handshake: " + std::string(frame->payload);
    client.stage = Stage::joining;
    return problem_.empty() && write_all(socket, join_frame(plan_.protocol, conversation_id(conversation_of(index))));
  }
  const auto last = number_after(plan_.protocol, frame->payload, "lastSequence");
  if (!last) {
    problem_ = "the hub lets no client join: " + std::string(frame->payload.substr(0, 300));
    return false;
  }
  client.last_sequence = *last;
  joined(index);
  return true;
}

void Swarm::joined(std::size_t index) {
  clients_[index].stage = Stage::joined;
  ++counts_.joined;
  if (is_stuck(index)) unwatch(epoll_.number(), clients_[index].socket.number());
}

void Swarm::take_frames(std::size_t index, std::string_view& input) {
  Client& client = clients_[index];
  while (const auto frame = take_frame(input)) {
    if (frame->kind == FrameKind::close) return close(client);
    if (frame->kind == FrameKind::ping) {
      write_all(client.socket.number(), client_frame(FrameKind::pong, frame->payload));
    } else if (!is_stuck(index)) {
      deliver(client, *frame);
    }
  }
}

void Swarm::deliver(Client& client, const ServerFrame& frame) {
  const auto seen = reader_.read(frame.payload, frame.compressed);
  if (!seen || started_ == base::SteadyTime()) return;
  const auto& [number, sequence] = seen->delivery;
  if (seen->for_the_first_time) {
    if (frames_.size() <= number) frames_.resize(number + 1);
    if (frames_[number].empty()) frames_[number] = frame.whole;
  }
  ++counts_.deliveries;
  counts_.delivered_bytes += frame.whole.size();
  last_delivery_ = base::SteadyClock::now();
  const auto late = std::chrono::nanoseconds(last_delivery_ - poster_.due_at(number)).count();
  counts_.latency.record(static_cast<std::uint64_t>(std::max<std::int64_t>(late, 0)));
  if (sequence <= client.last_sequence) {
    ++counts_.doubled;
    return;
  }
  if (sequence != client.last_sequence + 1) ++counts_.gaps;
  client.last_sequence = sequence;
}

void Swarm::close(Client& client) {
  const bool had_joined = client.stage == Stage::joined;
  const auto index = static_cast<std::size_t>(&client - clients_.data());
  client.stage = Stage::closed;
  client.socket.close();
  if (!had_joined && problem_.empty()) problem_ = "the server closed a client that had not joined yet";
  ++(is_stuck(index) ? counts_.stuck_closed : counts_.closed);
}

void Swarm::show(base::SteadyTime now) {
  std::string line = std::to_string(counts_.joined) + " joined";
  if (started_ != base::SteadyTime()) {
    line = fixed(base::seconds_between(started_, now), 0) + " s  " + line + "  " +
           std::to_string(counts_.deliveries - std::exchange(shown_, counts_.deliveries)) + " deliveries/s  p99 " +
           fixed(static_cast<double>(counts_.latency.value_at_ns(0.99)) / 1e6, 3) + " ms  closed " +
           std::to_string(counts_.closed);
  }
  progress_.show(line);
  next_second_ = std::max(next_second_ + std::chrono::seconds(1), now);
}

}  // namespace message_service::bench
