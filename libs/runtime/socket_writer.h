// The way out of one socket: a bounded queue of shared strings, written many in one system call.
//
// Base of whatever streams to a client. Lives on its shard's thread, held by shared_ptr. Bytes are never copied: the
// same string serves every client that gets it. Without anything queued it owns next to no memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "runtime/shard.h"

namespace runtime {

using SharedBytes = std::shared_ptr<const std::string>;

struct SocketWriterOptions {
  std::size_t egress_bytes_max = std::size_t{1} << 20;
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);  // without a byte taken by the peer
};

class SocketWriter : public std::enable_shared_from_this<SocketWriter>, private Deferred {
 public:
  SocketWriter(Shard& shard, Socket socket, const SocketWriterOptions& options);
  ~SocketWriter() override;
  SocketWriter(const SocketWriter&) = delete;
  SocketWriter& operator=(const SocketWriter&) = delete;

  // Queues bytes, to go out when the shard's present work is done. False, and nothing queued, when too much waits,
  // unless the sender has bounded it. What comes behind the end of the stream is dropped.
  bool send(SharedBytes bytes, bool bounded = true);

  // Writes what the socket takes now.
  void flush();

  bool is_open() const { return socket_.is_open(); }

  // What waits to be written.
  std::size_t egress_bytes() const { return egress_bytes_; }

  // Drops what has not begun to be written. For a reader that is too slow to be owed it.
  void drop_egress();

  // Cuts the connection now.
  void abort();

 protected:
  // The last bytes; they go out even where there is no room.
  void send_last(SharedBytes bytes);
  bool last_sent() const { return last_sent_; }

  // The peer has taken nothing for too long.
  bool is_stuck(base::SteadyTime now) const;

  // Nothing waits to be written any more.
  virtual void on_written() {}

  Shard& shard_;
  Socket socket_;

 private:
  bool empty() const { return first_ == queue_.size(); }
  void push(SharedBytes bytes);
  void schedule_flush();
  void run_deferred() override;
  std::size_t write_some(ErrorCodeAsio& error);
  void take_written(std::size_t bytes);
  void clear();

  const SocketWriterOptions options_;
  std::vector<SharedBytes> queue_;
  std::size_t first_ = 0;  // of the queue; those before it are written
  std::size_t egress_bytes_ = 0;
  std::size_t first_written_ = 0;  // bytes of the first in the queue
  bool flush_scheduled_ = false;
  bool waiting_to_write_ = false;
  bool last_sent_ = false;
  base::SteadyTime progress_at_;
};

}  // namespace runtime
