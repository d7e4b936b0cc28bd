// A LogReader of a store that could not be asked at the start how far the log is stored. It reads nothing until the
// store has answered: else it could pass over what a restored store lacks.
//
// One persister uses it on its own thread; any thread may call interrupt() and lag().
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "ports/log_reader.h"

namespace message_service::service {

class ComparedLogReader final : public LogReader {
 public:
  // Compares, then makes the real reader. Blocks for the store; `unavailable`: it is asked again.
  using Make = std::function<base::Result<std::unique_ptr<LogReader>>()>;
  explicit ComparedLogReader(Make make) : make_(std::move(make)) {}

  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline) override;
  void interrupt() override;
  void keep_alive() override;
  base::Result<void> commit(const Progress& progress) override;
  base::Result<std::int32_t> partition_of(std::string_view conversation_id) override;
  std::vector<PartitionLag> lag() const override;
  bool starts_over() const override;

 private:
  const Make make_;
  std::unique_ptr<LogReader> owned_;
  std::atomic<LogReader*> real_ = nullptr;  // owned_, once it is made
  std::mutex mutex_;
  std::condition_variable wake_;
  bool interrupted_ = false;
};

}  // namespace message_service::service
