// How far a log is stored, noted in the store itself. A store that was restored from a backup has notes of an earlier
// time than the log's own positions, and is noticed by that.
//
// Owned by the service; any thread; blocks for the store.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/result.h"

namespace message_service {

class StoredPlaces {
 public:
  // By partition: every record before this offset is stored, or has become a dead letter.
  using ByPartition = std::map<std::int32_t, std::int64_t>;

  virtual ~StoredPlaces() = default;

  // `log`: names the log for ever and no other. Partitions that were never noted are missing.
  virtual base::Result<ByPartition> noted(const std::string& log) = 0;

  // Raises the notes. Those of the partitions in `anew` begin again: their offsets do, too.
  virtual base::Result<void> note(const std::string& log, const ByPartition& places,
                                  const std::set<std::int32_t>& anew) = 0;

  // See StoreReader::history_id().
  virtual base::Result<void> begin_new_history() = 0;
};

}  // namespace message_service
