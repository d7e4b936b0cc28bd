// The output of one socket: a bounded queue of shared strings. One system call writes many of them.
//
// The base class of everything that streams to a client. Lives on its shard's thread, held by shared_ptr. It never
// copies bytes: every client that gets a string shares the same string. An empty queue owns next to no memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connection.h"
#include "runtime/shard.h"

namespace runtime {

using SharedBytes = std::shared_ptr<const std::string>;

struct SocketWriterOptions {
  std::size_t egress_bytes_max = std::size_t{1} << 20;
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);  // longest time without a byte taken by the peer
};

class SocketWriter : public std::enable_shared_from_this<SocketWriter>, private Deferred {
 public:
  SocketWriter(Shard& shard, Connection connection, const SocketWriterOptions& options);
  ~SocketWriter() override;
  SocketWriter(const SocketWriter&) = delete;
  SocketWriter& operator=(const SocketWriter&) = delete;

  // Queues bytes, to write them after the shard's present work. Returns false and queues nothing when too much waits,
  // unless `bounded` is false: then the sender bounds the bytes itself. Drops bytes after the end of the stream.
  bool send(SharedBytes bytes, bool bounded = true);

  // Writes as much as the socket takes now.
  void flush();

  bool is_open() const { return connection_.is_open(); }

  // The bytes that wait to be written.
  std::size_t egress_bytes() const { return egress_bytes_; }

  // Drops the strings that have not begun to be written, for a reader that is too slow to receive them.
  void drop_egress();

  // Closes the connection now.
  void abort();

 protected:
  // Sends the last bytes, even when the queue has no room.
  void send_last(SharedBytes bytes);
  bool last_sent() const { return last_sent_; }

  // Sends the end of this side, once no bytes wait to be written.
  void end_sending();

  // True when the peer has taken nothing for too long.
  bool is_stuck(base::SteadyTime now) const;

  // Called when no bytes wait to be written any more.
  virtual void on_written() {}

  Shard& shard_;
  Connection connection_;

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
  std::size_t first_ = 0;  // of the queue; the strings before it are written
  std::size_t egress_bytes_ = 0;
  std::size_t first_written_ = 0;  // bytes of the first string in the queue
  bool flush_scheduled_ = false;
  bool waiting_to_write_ = false;
  bool last_sent_ = false;
  base::SteadyTime progress_at_;
};

}  // namespace runtime
