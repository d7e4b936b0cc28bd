// Sorts more records than memory holds: sorted runs lie in files without a name until they are merged.
//
// One owner, one thread; a second one helps to sort. First every push(), then begin_reading(), then next() until it
// returns null.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <queue>
#include <vector>

#include "base/result.h"
#include "verify/record.h"

namespace message_service::verify {

class RecordSort {
 public:
  // Holds about `memory_bytes`.
  RecordSort(std::filesystem::path folder, std::size_t memory_bytes);
  ~RecordSort();

  void push(const Record& record) {
    if (buffer_.size() == buffer_.capacity()) make_room();
    buffer_.push_back(record);
  }

  // `unavailable`: the folder's disk failed at some push.
  base::Result<void> begin_reading();

  // Valid until the next call. Null at the end, or when a run cannot be read: ask problem().
  const Record* next();
  const base::Result<void>& problem() const { return problem_; }

 private:
  class Run;

  void make_room();
  void sort_buffer();
  void spill();
  const Record* next_of_runs();

  const std::filesystem::path folder_;
  const std::size_t records_max_;
  std::vector<Record> buffer_;
  std::size_t read_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;
  struct Later {
    bool operator()(const Run* a, const Run* b) const;
  };
  std::priority_queue<Run*, std::vector<Run*>, Later> heads_;
  Run* given_ = nullptr;  // its head was returned last
  base::Result<void> problem_;
};

}  // namespace message_service::verify
