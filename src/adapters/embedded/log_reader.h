// LogReader on the embedded log. It begins at the position up to which the store has the log. One thread; interrupt()
// and lag() from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "adapters/embedded/log/message_log.h"
#include "adapters/embedded/store/database.h"
#include "ports/log_reader.h"

namespace message_service::embedded {

class EmbeddedLogReader final : public LogReader {
 public:
  EmbeddedLogReader(MessageLog& log, Database& database);
  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline) override;
  void interrupt() override;
  base::Result<void> commit(const Progress& progress) override;
  std::vector<PartitionLag> lag() const override;

 private:
  MessageLog& log_;
  Database& database_;
  std::int64_t next_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace message_service::embedded
