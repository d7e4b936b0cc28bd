#include "logging/logging.h"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <thread>

#include "base/check.h"
#include "logging/line.h"

namespace logging {

namespace {

// Runs on the writer thread alone. One system call writes the lines that wait together.
class DescriptorSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}

  // Called before the first line.
  void follow(spdlog::details::thread_pool& queue) { queue_ = &queue; }

  std::uint64_t finished() const { return finished_.load(std::memory_order_acquire); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    constexpr std::size_t write_bytes = 65'536;
    waiting_.append(message.payload.data(), message.payload.size());
    ++waiting_lines_;
    if (waiting_.size() >= write_bytes || queue_->queue_size() == 0) flush_();
  }

  void flush_() override {
    if (!write_all()) lost_.fetch_add(waiting_lines_, std::memory_order_relaxed);
    finished_.fetch_add(waiting_lines_, std::memory_order_release);
    waiting_.clear();
    waiting_lines_ = 0;
  }

  bool write_all() const {
    std::string_view rest = waiting_;
    while (!rest.empty()) {
      const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
      if (written >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno == EAGAIN) {  // somebody made our standard output non-blocking
        pollfd ready{descriptor_, POLLOUT, 0};
        ::poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  const int descriptor_;
  spdlog::details::thread_pool* queue_ = nullptr;
  std::string waiting_;
  std::uint64_t waiting_lines_ = 0;
  std::atomic<std::uint64_t> finished_{0};
  std::atomic<std::uint64_t> lost_{0};
};

// The log between start() and stop().
class Service {
 public:
  explicit Service(const Options& options)
      : format_(options.format),
        sink_(std::make_shared<DescriptorSink>(options.descriptor)),
        queue_(std::make_shared<spdlog::details::thread_pool>(options.queue_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("service", sink_, queue_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {
    sink_->follow(*queue_);
    logger_->set_level(spdlog::level::trace);  // our own level is checked before
  }

  void write(Level level, std::string_view text, Fields fields) {
    const base::Timestamp now = base::wall_now();
    const std::string line =
        format_ == Format::json ? json_line(now, level, text, fields) : text_line(now, level, text, fields);
    accepted_.fetch_add(1, std::memory_order_relaxed);
    logger_->log(spdlog::level::info, spdlog::string_view_t(line));
  }

  bool wait_until_written(std::chrono::milliseconds timeout) {
    const base::SteadyTime deadline = base::SteadyClock::now() + timeout;
    const std::uint64_t wanted = accepted_.load(std::memory_order_relaxed);
    while (sink_->finished() + queue_->overrun_counter() < wanted) {
      if (base::SteadyClock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  std::uint64_t dropped() const { return queue_->overrun_counter() + sink_->lost(); }

 private:
  const Format format_;
  std::shared_ptr<DescriptorSink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> queue_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::atomic<std::uint64_t> accepted_{0};
};

std::atomic<Service*> service = nullptr;
std::atomic<std::uint64_t> dropped_before_stop = 0;

}  // namespace

void start(const Options& options) {
  CHECK(service.load() == nullptr);
  dropped_before_stop = 0;
  service = new Service(options);  // deleted by stop()
  set_level(options.level);
}

bool flush(std::chrono::milliseconds timeout) {
  Service* const current = service.load();
  return current == nullptr || current->wait_until_written(timeout);
}

void stop(std::chrono::milliseconds timeout) {
  set_level(Level::none);
  std::unique_ptr<Service> ending(service.exchange(nullptr));
  if (!ending) return;
  const bool written = ending->wait_until_written(timeout);
  dropped_before_stop = ending->dropped();
  // A writer stuck in a pipe that nobody reads cannot be joined: it stays until the process ends.
  if (!written) static_cast<void>(ending.release());
}

std::uint64_t dropped_lines() {
  const Service* const current = service.load();
  return current == nullptr ? dropped_before_stop.load() : current->dropped();
}

void set_level(Level level) { detail::lowest_level.store(static_cast<int>(level), std::memory_order_relaxed); }

namespace detail {

void write(Level level, std::string_view text, Fields fields) {
  if (Service* const current = service.load(std::memory_order_acquire)) current->write(level, text, fields);
}

}  // namespace detail

}  // namespace logging
