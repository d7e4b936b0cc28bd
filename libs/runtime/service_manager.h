// The service manager that has started this process, such as systemd: what it wants to know, and the sockets that it
// hands over. Speaks sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3) without their library. Without a service
// manager there is nobody to notify and nothing to take. A value; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace runtime {

// A listening socket that the service manager keeps open while the program restarts.
struct HandedSocket {
  int descriptor = -1;
  std::string name;  // FileDescriptorName=, for people
};

class ServiceManager {
 public:
  // Reads the environment. The handed sockets are not inherited by programs that this one starts.
  static ServiceManager from_environment();

  // Sends assignments such as "READY=1", one a line. A manager that does not listen misses them.
  void notify(std::string_view assignments) const;

  // Announces that the program takes over a changed configuration. notify("READY=1") ends it.
  void notify_reloading() const;

  // Zero: the manager does not watch. Otherwise it ends the process when "WATCHDOG=1" stays away for so long.
  std::chrono::microseconds watchdog_interval() const { return watchdog_interval_; }

  const std::vector<HandedSocket>& sockets() const { return sockets_; }

 private:
  std::string address_;  // of the manager's datagram socket; empty: none. An abstract one begins with '@'
  std::chrono::microseconds watchdog_interval_{0};
  std::vector<HandedSocket> sockets_;
};

}  // namespace runtime
