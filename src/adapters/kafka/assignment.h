// The partitions that a consumer owns now, and how far each one is delivered, done and committed. Private to the
// adapter; pure; one thread.
//
// The offsets of a partition only move forward, and always  committed <= done <= passed. A partition that was made
// again is added again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/position.h"
#include "ports/log_identity.h"

namespace message_service::kafka {

class Assignment {
 public:
  struct Partition {
    std::int32_t number = 0;
    std::int64_t begin = 0;      // where this reader starts; every offset here is that of the next record
    std::int64_t delivered = 0;  // to the reader's owner
    std::int64_t passed = 0;     // only Kafka's own marks and aborted records lie between `delivered` and here
    std::int64_t done = 0;       // as the owner reported
    std::int64_t committed = 0;  // as the group has confirmed
    std::int64_t end = 0;        // of the log, as far as this reader knows
    std::int64_t noted = 0;      // as the store has confirmed
    bool known = false;          // false until `begin` is known
    bool anew = false;           // its offsets have begun again, and the store's note is of the partition before

    // `witness`: a record that is known to be of the partition that was taken over. `newer`: one that was read since.
    std::optional<Witness> witness{};
    std::optional<Witness> newer{};
    base::SteadyTime heard_of{};  // when its last record arrived
  };

  void clear() { partitions_.clear(); }

  // `begin`: none when the first record is to set it.
  void add(std::int32_t number, std::optional<std::int64_t> begin, std::optional<Witness> witness = std::nullopt,
           std::int64_t noted = 0, bool anew = false) {
    Partition partition{.number = number, .noted = anew ? 0 : noted, .anew = anew, .witness = witness};
    if (begin) start(partition, *begin);
    partitions_.push_back(partition);
  }

  // Whether the record is new and in a partition of the reader: a client may read it twice from a stale answer.
  bool deliver(Position position, base::SteadyTime now = {}) {
    Partition* partition = own(position.partition);
    if (partition == nullptr) return false;
    if (!partition->known) start(*partition, position.offset);
    if (position.offset < partition->delivered) return false;
    partition->delivered = partition->passed = position.offset + 1;
    partition->heard_of = now;
    partition->end = std::max(partition->end, partition->delivered);
    return true;
  }

  // Whether a record of the partition should be kept as a witness.
  bool wants_witness(std::int32_t number) const {
    const Partition* partition = find(number);
    return partition != nullptr && !partition->newer;
  }

  // The witness, when no record has arrived for `silence`: the topic may have been made again since.
  std::optional<Witness> witness_after_silence(std::int32_t number, base::SteadyTime now,
                                               base::SteadyClock::duration silence) const {
    const Partition* partition = find(number);
    return partition == nullptr || now - partition->heard_of < silence ? std::nullopt : partition->witness;
  }

  // A delivered record. The very first one needs no other witness to vouch for it.
  void add_witness(std::int32_t number, const Witness& witness) {
    Partition* partition = own(number);
    if (partition == nullptr) return;
    (partition->witness ? partition->newer : partition->witness) = witness;
  }

  // The witness is still in its place, so the records read since are of the same partition.
  void confirmed(std::int32_t number) {
    Partition* partition = own(number);
    if (partition != nullptr && partition->newer) partition->witness = std::exchange(partition->newer, std::nullopt);
  }

  // Nothing before `next` remains to deliver: only Kafka's own marks and aborted records may lie there.
  void nothing_before(Position next) {
    Partition* partition = own(next.partition);
    if (partition == nullptr || !partition->known || next.offset <= partition->passed) return;
    partition->passed = next.offset;
    partition->end = std::max(partition->end, next.offset);
    if (partition->done >= partition->delivered) partition->done = partition->passed;
  }

  // Ignores a position that was not delivered in this assignment: its record is read again.
  void done(Position last) {
    Partition* partition = own(last.partition);
    if (partition == nullptr || last.offset >= partition->delivered) return;
    partition->done = std::max(partition->done, last.offset + 1);
    if (partition->done == partition->delivered) partition->done = partition->passed;
  }

  void saw_end(std::int32_t number, std::int64_t end) {
    if (Partition* partition = own(number)) partition->end = std::max(partition->end, end);
  }

  // The group has this offset now. Ignores an answer about the partition that was there before.
  void committed(std::int32_t number, std::int64_t offset) {
    Partition* partition = own(number);
    if (partition != nullptr && offset <= partition->done)
      partition->committed = std::max(partition->committed, offset);
  }

  // The store has noted this offset.
  void noted(std::int32_t number, std::int64_t offset) {
    Partition* partition = own(number);
    if (partition == nullptr || offset > partition->done) return;
    partition->noted = offset;
    partition->anew = false;
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

  const Partition* find(std::int32_t number) const {
    const auto found = std::ranges::find(partitions_, number, &Partition::number);  // a reader has few
    return found == partitions_.end() ? nullptr : &*found;
  }

 private:
  static void start(Partition& partition, std::int64_t begin) {
    partition.begin = partition.delivered = partition.passed = partition.done = partition.committed = begin;
    partition.end = std::max(partition.end, begin);
    partition.known = true;
  }

  Partition* own(std::int32_t number) { return const_cast<Partition*>(find(number)); }

  std::vector<Partition> partitions_;
};

}  // namespace message_service::kafka
