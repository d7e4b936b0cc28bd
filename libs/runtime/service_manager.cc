#include "runtime/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace runtime {

namespace {

constexpr int kFirstHandedDescriptor = 3;  // SD_LISTEN_FDS_START

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// Zero where the variable is absent or no number.
std::uint64_t number_in(const char* name) {
  const std::string_view text = variable(name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

// A process that inherits the environment from the real addressee must not answer for it.
bool is_for_us(const char* pid_variable) { return number_in(pid_variable) == static_cast<std::uint64_t>(::getpid()); }

// The next of the names that colons separate.
std::string next_name(std::string_view& names) {
  const std::size_t colon = names.find(':');
  std::string name(names.substr(0, colon));
  names = colon == std::string_view::npos ? std::string_view() : names.substr(colon + 1);
  return name;
}

std::vector<HandedSocket> handed_sockets() {
  constexpr std::uint64_t kSocketsMax = 1000;
  std::vector<HandedSocket> sockets;
  const std::uint64_t count = number_in("LISTEN_FDS");
  if (!is_for_us("LISTEN_PID") || count > kSocketsMax) return sockets;
  std::string_view names = variable("LISTEN_FDNAMES");
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const int descriptor = kFirstHandedDescriptor + i;
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    sockets.push_back({descriptor, next_name(names)});
  }
  return sockets;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  ServiceManager manager;
  manager.address_ = variable("NOTIFY_SOCKET");
  if (variable("WATCHDOG_PID").empty() || is_for_us("WATCHDOG_PID")) {
    manager.watchdog_interval_ = std::chrono::microseconds(number_in("WATCHDOG_USEC"));
  }
  manager.sockets_ = handed_sockets();
  return manager;
}

void ServiceManager::notify(std::string_view assignments) const {
  sockaddr_un to{};
  if (address_.empty() || address_.size() >= sizeof to.sun_path) return;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (address_.front() == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  ::sendto(descriptor, assignments.data(), assignments.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
           size);
  ::close(descriptor);
}

void ServiceManager::notify_reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = std::uint64_t(now.tv_sec) * 1'000'000 + std::uint64_t(now.tv_nsec) / 1000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

}  // namespace runtime
