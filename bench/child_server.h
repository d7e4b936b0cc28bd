// A server started as a child process, and its data folder. The code that runs a leg owns both; the destructors stop
// the process (SIGTERM, then SIGKILL after a deadline) and remove the folder. The child also ends when this process
// dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace message_service::bench {

// An empty folder with a name of its own; the destructor removes it with its contents.
class TempFolder {
 public:
  // Inside `parent`; in the system's folder for temporary files when `parent` is empty.
  static base::Result<std::unique_ptr<TempFolder>> make(const std::filesystem::path& parent);
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TempFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// How long a server may take to start, its recovery included.
constexpr std::chrono::seconds start_timeout{30};

class ChildServer {
 public:
  // Waits until the server prints the address it listens on. An error carries the server's last lines.
  static base::Result<std::unique_ptr<ChildServer>> start(const std::string& program,
                                                          const std::vector<std::string>& arguments,
                                                          std::chrono::seconds timeout);
  ~ChildServer();
  ChildServer(const ChildServer&) = delete;
  ChildServer& operator=(const ChildServer&) = delete;

  const std::string& url() const { return url_; }
  pid_t process() const { return process_; }

 private:
  ChildServer(pid_t process, int output);

  base::Result<std::string> wait_for_url(std::chrono::seconds timeout);
  void read_output();
  void take_line(const std::string& line);
  bool wait_for_exit(std::chrono::seconds timeout);

  const pid_t process_;
  const int output_;
  std::string url_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> announced_url_;  // this and the next two are under the mutex
  bool output_ended_ = false;
  std::deque<std::string> last_lines_;
  std::thread reader_;
};

}  // namespace message_service::bench
