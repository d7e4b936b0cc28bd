#include "bench/fanout/bare_server.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/exit.h"
#include "bench/fanout/server_frames.h"
#include "bench/fanout/sockets.h"

namespace message_service::bench {
namespace {

constexpr int backlog = 4096;
constexpr int wait_events_max = 128;
constexpr std::uint64_t listener_tag = 0;
constexpr std::string_view opened =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
constexpr std::string_view accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

std::uint64_t number_in(std::string_view text, std::string_view name) {
  const std::size_t found = text.find(name);
  std::uint64_t value = 0;
  if (found == std::string_view::npos) return 0;
  const std::string_view digits = text.substr(found + name.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

class BareServer {
 public:
  explicit BareServer(std::string frames) : all_frames_(std::move(frames)) {
    std::string_view rest = all_frames_;
    while (const auto frame = take_frame(rest)) frames_.push_back(frame->whole);
  }

  // Returns false when it cannot listen.
  bool listen();
  [[noreturn]] void serve();

 private:
  void accept_one();
  void receive(int socket);
  void answer(int socket, std::string_view head);
  void broadcast(std::uint64_t group);
  void drop(int socket);

  const std::string all_frames_;
  std::vector<std::string_view> frames_;
  std::size_t next_frame_ = 0;
  Descriptor epoll_{epoll_create1(EPOLL_CLOEXEC)};
  Descriptor listener_;
  std::unordered_map<int, std::string> requests_;  // by socket, as far as they have arrived
  std::vector<std::vector<int>> groups_;
};

bool BareServer::listen() {
  listener_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.number(), general, size) != 0 || ::listen(listener_.number(), backlog) != 0 ||
      getsockname(listener_.number(), general, &size) != 0) {
    return false;
  }
  watch(epoll_.number(), listener_.number(), EPOLLIN, listener_tag);
  std::printf("Now listening on: http://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

void BareServer::serve() {
  std::array<epoll_event, wait_events_max> events;
  while (true) {
    const int count = epoll_wait(epoll_.number(), events.data(), wait_events_max, -1);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
      tag == listener_tag ? accept_one() : receive(static_cast<int>(tag));
    }
  }
}

void BareServer::accept_one() {
  const int socket = accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;
  set_no_delay(socket);
  watch(epoll_.number(), socket, EPOLLIN, static_cast<std::uint64_t>(socket));
}

void BareServer::receive(int socket) {
  std::array<char, std::size_t{16} << 10> buffer;
  const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
  if (count <= 0) return drop(socket);
  std::string& request = requests_[socket];
  request.append(buffer.data(), static_cast<std::size_t>(count));
  std::string_view rest = request;
  const std::string_view head = take_head(rest);
  if (head.empty() || rest.size() < number_in(head, "Content-Length: ")) return;
  const std::string whole = std::move(request);
  requests_.erase(socket);
  answer(socket, whole);
}

void BareServer::answer(int socket, std::string_view head) {
  if (head.starts_with("POST")) {
    write_all(socket, accepted);
    return broadcast(number_in(head, "/bench-"));
  }
  const std::uint64_t group = number_in(head, "group=");
  if (groups_.size() <= group) groups_.resize(group + 1);
  groups_[group].push_back(socket);
  write_all(socket, opened);
}

void BareServer::broadcast(std::uint64_t group) {
  if (group >= groups_.size() || next_frame_ >= frames_.size()) return;
  const std::string_view frame = frames_[next_frame_++];
  for (const int socket : groups_[group]) {
    [[maybe_unused]] const ssize_t written = write(socket, frame.data(), frame.size());
  }
}

void BareServer::drop(int socket) {
  requests_.erase(socket);
  for (auto& group : groups_) std::erase(group, socket);
  close(socket);
}

}  // namespace

int run_bare_server(const std::string& frames_file) {
  std::ifstream file(frames_file, std::ios::binary);
  std::string frames{std::istreambuf_iterator<char>(file), {}};
  if (!file || frames.empty()) return say(exit_failed, "--frames: cannot read " + frames_file);
  BareServer server(std::move(frames));
  if (!server.listen()) return say(exit_failed, "the bare server cannot listen");
  server.serve();
}

}  // namespace message_service::bench
