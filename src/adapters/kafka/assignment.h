// What a consumer owns just now, and how far each partition has been delivered, done and committed. Private to the
// adapter; pure; one thread.
//
// The offsets of a partition only ever move forward, and always  committed <= done <= delivered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/position.h"

namespace message_service::kafka {

class Assignment {
 public:
  struct Partition {
    std::int32_t number = 0;
    std::int64_t begin = 0;      // where this reader starts; all offsets are those of the next record
    std::int64_t delivered = 0;  // to the reader's owner
    std::int64_t done = 0;       // as the owner says
    std::int64_t committed = 0;  // as the group was told
    std::int64_t end = 0;        // of the log, as far as is known
    bool known = false;          // false until it is clear where it starts
  };

  void clear() { partitions_.clear(); }

  // `begin`: none where the group's own offset will tell, when the first record comes.
  void add(std::int32_t number, std::optional<std::int64_t> begin) {
    Partition partition{.number = number};
    if (begin) start(partition, *begin);
    partitions_.push_back(partition);
  }

  // Whether the record is the reader's and new: a client may read one twice from a stale answer.
  bool deliver(Position position) {
    Partition* partition = find(position.partition);
    if (partition == nullptr) return false;
    if (!partition->known) start(*partition, position.offset);
    if (position.offset < partition->delivered) return false;
    partition->delivered = position.offset + 1;
    partition->end = std::max(partition->end, partition->delivered);
    return true;
  }

  // Never goes beyond what was delivered in this assignment: such records will come again.
  void done(Position last) {
    Partition* partition = find(last.partition);
    if (partition == nullptr || last.offset >= partition->delivered) return;
    partition->done = std::max(partition->done, last.offset + 1);
  }

  void saw_end(std::int32_t number, std::int64_t end) {
    if (Partition* partition = find(number)) partition->end = std::max(partition->end, end);
  }

  // The group knows of it now.
  void committed(std::int32_t number, std::int64_t offset) {
    if (Partition* partition = find(number)) partition->committed = std::max(partition->committed, offset);
  }

  bool to_commit() const {
    return std::ranges::any_of(partitions_, [](const Partition& p) { return p.done > p.committed; });
  }

  const std::vector<Partition>& partitions() const { return partitions_; }

  std::vector<PartitionLag> lag() const {
    std::vector<PartitionLag> lag;
    lag.reserve(partitions_.size());
    for (const Partition& p : partitions_) {
      lag.push_back({p.number, p.known ? static_cast<std::uint64_t>(std::max(p.end - p.done, std::int64_t{0})) : 0});
    }
    return lag;
  }

 private:
  static void start(Partition& partition, std::int64_t begin) {
    partition.begin = partition.delivered = partition.done = partition.committed = begin;
    partition.end = std::max(partition.end, begin);
    partition.known = true;
  }

  Partition* find(std::int32_t number) {
    const auto found = std::ranges::find(partitions_, number, &Partition::number);  // a reader has few
    return found == partitions_.end() ? nullptr : &*found;
  }

  std::vector<Partition> partitions_;
};

}  // namespace message_service::kafka
