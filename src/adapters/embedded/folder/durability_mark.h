// A witness outside the log and the store of how far they were durable. Neither may end before its mark, so damage to
// an end is not mistaken for an unfinished last write. A follower of the log trusts records up to the mark only.
//
// Sixteen bytes of mapped memory. They are written after each sync; nothing waits for the disk to have them. A killed
// process leaves them exact. A power cut may leave them too low, which only weakens the check. Safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace message_service::embedded {

class DurabilityMark {
 public:
  static base::Result<DurabilityMark> open(const std::filesystem::path& file);
  // Reads the mark of the log's end from the file without opening the mark. 0 when there is none.
  static std::int64_t peek(const std::filesystem::path& file);
  DurabilityMark(DurabilityMark&& other) noexcept;
  DurabilityMark& operator=(DurabilityMark&&) = delete;
  ~DurabilityMark();

  // The offset after the log's last durable record.
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
