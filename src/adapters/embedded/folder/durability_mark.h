// A witness outside the log and the store of how far they were durable, so that damage to an end is not taken for an
// unfinished last write: neither may end before it. Also what a follower of the log may believe.
//
// Sixteen bytes of mapped memory, written after each sync and never waited for. A killed process leaves them exact; a
// power cut may leave them too low, which only makes them say less. Safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace message_service::embedded {

class DurabilityMark {
 public:
  static base::Result<DurabilityMark> open(const std::filesystem::path& file);
  // Without taking part: the end of the log as the mark has it now, 0 when there is none.
  static std::int64_t peek(const std::filesystem::path& file);
  DurabilityMark(DurabilityMark&& other) noexcept;
  DurabilityMark& operator=(DurabilityMark&&) = delete;
  ~DurabilityMark();

  // Offset behind the log's last durable record.
  std::int64_t log_end() const;
  void raise_log_to(std::int64_t offset);

  // RocksDB's sequence number of the store's last durable entry.
  std::uint64_t store_end() const;
  void raise_store_to(std::uint64_t number);

 private:
  struct Ends {
    std::int64_t log;
    std::uint64_t store;
  };
  explicit DurabilityMark(Ends* mapped) : mapped_(mapped) {}
  Ends* mapped_;
};

}  // namespace message_service::embedded
