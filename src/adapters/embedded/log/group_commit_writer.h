// LogWriter with group commit: all requests that wait during one synced write share the next one.
//
// A thread of its own does all writing and calls the handlers. append() holds a mutex for a few instructions. The
// thread also syncs and heals the store, which is on the same disk and must not compete with the log for syncs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/embedded/folder/disk_health.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/log/append_options.h"
#include "adapters/embedded/log/message_log.h"
#include "base/clock.h"
#include "ports/log_writer.h"

namespace message_service::embedded {

class GroupCommitWriter final : public LogWriter {
 public:
  // The requests of the writer to the store, whose type it does not know.
  struct Store {
    std::function<std::int64_t()> committed_offset;  // of the first record that is not stored; from any thread
    std::function<void()> sync;                      // on the writing thread, when nothing is appended
    std::function<void()> heal;                      // on the writing thread, while the disk is sick
  };

  // The log, the mark, the disk and the store outlive the writer.
  GroupCommitWriter(MessageLog& log, DurabilityMark& mark, DiskHealth& disk, Store store, const AppendOptions& options);
  ~GroupCommitWriter() override;

  void append(std::shared_ptr<const Admitted> message, Handler handler) override;
  void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) override;
  void drain() override;

 private:
  // A message, whose record is made at the write, or a finished record.
  struct Waiting {
    std::shared_ptr<const Admitted> message;
    std::unique_ptr<const LogRecord> record;
    Handler handler;
  };

  static std::size_t bytes_of(const Waiting& waiting);
  void enqueue(Waiting waiting);
  std::optional<base::Error> refusal(std::size_t bytes);
  bool would_wait_too_long();
  void run();
  std::vector<Waiting> next_group();
  void write_group(std::vector<Waiting>& group);
  base::Result<void> make_durable(const std::vector<Waiting>& group);
  void stage(const std::vector<Waiting>& group);
  void heal();
  void hand_on(std::vector<Waiting>& group, std::int64_t first);

  MessageLog& log_;
  DurabilityMark& mark_;
  DiskHealth& disk_;
  const Store store_;
  const AppendOptions options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> queue_;
  std::size_t queued_bytes_ = 0;
  std::optional<base::SteadyTime> crowded_since_;  // when the current wait of more than a batch began
  std::optional<base::SteadyTime> write_began_;    // the write that is under way
  base::SteadyClock::duration write_took_{};       // the last write
  bool draining_ = false;

  // For the writing thread only.
  std::size_t last_group_records_ = 0;
  LogRecord record_;  // of the message being staged

  std::mutex join_mutex_;  // two threads may call drain()
  std::thread thread_;
};

}  // namespace message_service::embedded
