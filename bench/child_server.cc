#include "bench/child_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/interrupt.h"

namespace message_service::bench {
namespace {

constexpr std::string_view announcement = "Now listening on: ";
constexpr std::size_t kept_lines = 20;
constexpr std::size_t line_bytes_max = 4096;
constexpr std::chrono::seconds stop_timeout{15};
constexpr std::chrono::milliseconds exit_poll_interval{10};
constexpr int exec_failed_status = 127;

base::Error failed_call(const std::string& what, int number) {
  return {base::ErrorCode::unavailable, what + ": " + std::generic_category().message(number)};
}

// In the child, between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  setpgid(0, 0);  // Ctrl-C reaches the parent alone, which stops the child in order
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (getppid() == parent && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
      dup2(output, STDERR_FILENO) >= 0) {
    execv(arguments[0], arguments);
    constexpr std::string_view text = "the program cannot be executed\n";
    [[maybe_unused]] const ssize_t said = write(STDERR_FILENO, text.data(), text.size());
  }
  _exit(exec_failed_status);
}

}  // namespace

base::Result<std::unique_ptr<TempFolder>> TempFolder::make(const std::filesystem::path& parent) {
  std::error_code failure;
  const auto where = parent.empty() ? std::filesystem::temp_directory_path(failure) : parent;
  std::string path = (where / "message-service-bench-XXXXXX").string();
  if (failure || mkdtemp(path.data()) == nullptr)
    return failed_call("cannot make a folder in " + where.string(), errno);
  return std::unique_ptr<TempFolder>(new TempFolder(path));
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

base::Result<std::unique_ptr<ChildServer>> ChildServer::start(const std::string& program,
                                                              const std::vector<std::string>& arguments,
                                                              std::chrono::seconds timeout) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed_call("pipe", errno);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t self = getpid();
  const pid_t process = fork();
  if (process == 0) become(words.data(), ends[1], self);
  const int fork_failure = errno;
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return failed_call("fork", fork_failure);
  }
  std::unique_ptr<ChildServer> server(new ChildServer(process, ends[0]));
  base::Result<std::string> url = server->wait_for_url(timeout);
  if (!url) return url.error();
  server->url_ = *url;
  return server;
}

ChildServer::ChildServer(pid_t process, int output)
    : process_(process), output_(output), reader_([this] { read_output(); }) {}

ChildServer::~ChildServer() {
  kill(process_, SIGTERM);
  if (!wait_for_exit(stop_timeout)) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  reader_.join();
  close(output_);
}

base::Result<std::string> ChildServer::wait_for_url(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  while (!announced_url_ && !output_ended_ && !runtime::interrupted() && std::chrono::steady_clock::now() < deadline) {
    changed_.wait_for(lock, std::chrono::milliseconds(100));
  }
  if (announced_url_) return *announced_url_;
  if (runtime::interrupted()) return base::Error{base::ErrorCode::unavailable, "interrupted while the server started"};
  std::string text = output_ended_ ? "the server ended before it listened"
                                   : "the server did not listen within " + std::to_string(timeout.count()) + " s";
  for (const std::string& line : last_lines_) text += "\n  " + line;
  return base::Error{base::ErrorCode::unavailable, text};
}

// Reads all of the server's output, so that a full pipe never stops the server.
void ChildServer::read_output() {
  std::array<char, 4096> buffer;
  std::string line;
  ssize_t count = 0;
  while ((count = read(output_, buffer.data(), buffer.size())) > 0 || (count < 0 && errno == EINTR)) {
    for (ssize_t i = 0; i < count; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (c != '\n' && line.size() < line_bytes_max) line += c;
      if (c == '\n') take_line(std::exchange(line, {}));
    }
  }
  const std::lock_guard lock(mutex_);
  output_ended_ = true;
  changed_.notify_all();
}

void ChildServer::take_line(const std::string& line) {
  const std::lock_guard lock(mutex_);
  last_lines_.push_back(line);
  if (last_lines_.size() > kept_lines) last_lines_.pop_front();
  const std::size_t found = line.find(announcement);
  if (found == std::string::npos || announced_url_) return;
  const std::string url = line.substr(found + announcement.size());
  announced_url_ = url.substr(0, url.find_first_of(" \r"));
  changed_.notify_all();
}

bool ChildServer::wait_for_exit(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(exit_poll_interval);
  }
  return true;
}

}  // namespace message_service::bench
