// Whether the disk accepts writes: whether it has room, and whether the last writes of the log and of the store
// succeeded. The disk is healthy or sick as a whole.
//
// The log's writer, the log's spare segments and the store share it. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "adapters/embedded/folder/data_folder.h"
#include "base/clock.h"
#include "base/result.h"

namespace message_service::embedded {

class DiskHealth {
 public:
  explicit DiskHealth(const DataFolder& folder) : log_(folder.log()), database_(folder.database()) {}

  // The messages that a write is for. New messages stop first, so that messages in the log can still be stored.
  enum class Purpose { new_messages, accepted_messages };
  // `refused` when the disk has too little room for the purpose.
  base::Result<void> check_room(Purpose purpose);

  // Whether this many bytes fit in addition to the reserve.
  bool has_room_for(std::uint64_t bytes) const;

  // A part reports that a write has failed, and that the part has recovered.
  enum class Part : std::size_t { log, store };
  void report(Part part, bool healthy) { healthy_[static_cast<std::size_t>(part)] = healthy; }
  bool healthy(Part part) const { return healthy_[static_cast<std::size_t>(part)]; }
  bool healthy() const { return has_room_ && healthy(Part::log) && healthy(Part::store); }

  // Tests the disk without a file of RocksDB's. Blocks for a sync.
  bool takes_writes() const;

 private:
  bool has_free(std::uintmax_t bytes) const;

  const std::filesystem::path log_;
  const std::filesystem::path database_;
  std::array<std::atomic<bool>, 2> healthy_{true, true};
  std::atomic<bool> has_room_ = true;
  mutable std::atomic<base::SteadyTime> ample_room_until_{base::SteadyTime::min()};
};

}  // namespace message_service::embedded
