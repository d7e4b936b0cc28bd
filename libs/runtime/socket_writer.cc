#include "runtime/socket_writer.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace runtime {

namespace {

constexpr std::size_t kBuffersMax = 64;   // in one system call
constexpr std::size_t kPlacesKept = 16;   // by a queue that is empty
constexpr std::size_t kWrittenMax = 256;  // places of written strings before the queue removes them

}  // namespace

SocketWriter::SocketWriter(Shard& shard, Connection connection, const SocketWriterOptions& options)
    : shard_(shard), connection_(std::move(connection)), options_(options), progress_at_(shard.now()) {}

SocketWriter::~SocketWriter() = default;

bool SocketWriter::send(SharedBytes bytes, bool bounded) {
  if (!is_open() || last_sent_) return true;  // the stream to this reader has ended
  if (bounded && !empty() && egress_bytes_ + bytes->size() > options_.egress_bytes_max) return false;
  push(std::move(bytes));
  return true;
}

void SocketWriter::send_last(SharedBytes bytes) {
  if (last_sent_ || !is_open()) return;
  last_sent_ = true;
  push(std::move(bytes));
}

void SocketWriter::push(SharedBytes bytes) {
  if (empty()) progress_at_ = shard_.now();
  egress_bytes_ += bytes->size();
  queue_.push_back(std::move(bytes));
  schedule_flush();
}

void SocketWriter::drop_egress() {
  const std::size_t begun = first_written_ + connection_.bytes_in_flight();
  std::size_t kept = first_;
  for (std::size_t bytes = 0; kept < queue_.size() && bytes < begun; ++kept) bytes += queue_[kept]->size();
  while (queue_.size() > kept) {
    egress_bytes_ -= queue_.back()->size();
    queue_.pop_back();
  }
}

void SocketWriter::abort() {
  connection_.close();
  clear();
  egress_bytes_ = 0;
  first_written_ = 0;
}

bool SocketWriter::is_stuck(base::SteadyTime now) const {
  return !empty() && now - progress_at_ > options_.send_timeout;
}

// One system call writes all that is sent during one piece of the shard's work.
void SocketWriter::schedule_flush() {
  if (flush_scheduled_ || waiting_to_write_) return;
  flush_scheduled_ = true;
  shard_.defer(std::shared_ptr<Deferred>(shared_from_this(), this));
}

void SocketWriter::run_deferred() {
  flush_scheduled_ = false;
  flush();
}

void SocketWriter::flush() {
  while (!empty() && is_open() && !waiting_to_write_) {
    ErrorCodeAsio error;
    const std::size_t written = write_some(error);
    if (error == boost::asio::error::would_block) {
      waiting_to_write_ = true;
      connection_.async_wait_writable([self = shared_from_this()](const ErrorCodeAsio& failed) {
        self->waiting_to_write_ = false;
        if (!failed) self->flush();
      });
      return;
    }
    if (error) return abort();
    take_written(written);
  }
  if (empty()) on_written();
}

// A single string, as in a fan-out, uses the kernel's cheaper call.
std::size_t SocketWriter::write_some(ErrorCodeAsio& error) {
  const std::size_t count = std::min(queue_.size() - first_, kBuffersMax);
  if (count == 1) return connection_.write_some(boost::asio::buffer(*queue_[first_]) + first_written_, error);
  std::array<boost::asio::const_buffer, kBuffersMax> buffers;
  for (std::size_t i = 0; i < count; ++i) buffers[i] = boost::asio::buffer(*queue_[first_ + i]);
  buffers[0] += first_written_;
  return connection_.write_some(std::span(buffers.data(), count), error);
}

void SocketWriter::take_written(std::size_t bytes) {
  progress_at_ = shard_.now();
  egress_bytes_ -= bytes;
  bytes += first_written_;
  while (!empty() && bytes >= queue_[first_]->size()) {
    bytes -= queue_[first_]->size();
    queue_[first_++].reset();
  }
  first_written_ = bytes;
  if (empty()) {
    clear();
  } else if (first_ >= kWrittenMax) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void SocketWriter::end_sending() {
  ErrorCodeAsio error;
  connection_.end_sending(error);
  if (error != boost::asio::error::would_block) return;
  connection_.async_wait_writable([self = shared_from_this()](const ErrorCodeAsio& failed) {
    if (!failed) self->end_sending();
  });
}

void SocketWriter::clear() {
  queue_.clear();
  first_ = 0;
  if (queue_.capacity() > kPlacesKept) queue_.shrink_to_fit();
}

}  // namespace runtime
