// The newest records of the log, between the writer that has just synced them and the one reader that is about to need
// them, with the messages that they were made of. Bounded in bytes: when the reader lags, what comes is not kept until
// it has taken some, and it reads the difference from the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "model/log_record.h"

namespace message_service::embedded {

class FreshRecords {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{32} << 20;

  // The next record of the log, durable already. Any thread.
  void add(ConsumedRecord record) {
    const std::size_t bytes = bytes_of(record);
    const std::scoped_lock lock(mutex_);
    if (bytes_ + bytes > kBytesMax) return;
    bytes_ += bytes;
    records_.push_back(std::move(record));
  }

  struct Taken {
    std::int64_t first_offset;            // what lies before it must be read from the disk
    std::vector<ConsumedRecord> records;  // from there on, without a gap
  };
  // Takes the first records of [from, to) that are here, and forgets those before. What lies behind them may be here
  // too.
  Taken take(std::int64_t from, std::int64_t to) {
    const std::scoped_lock lock(mutex_);
    if (records_.empty() || first() >= to) return {to, {}};
    while (!records_.empty() && first() < from) (void)pop();
    Taken taken{records_.empty() ? to : first(), {}};
    for (std::int64_t next = taken.first_offset; next < to && !records_.empty() && first() == next; ++next) {
      taken.records.push_back(pop());
    }
    return taken;
  }

 private:
  // What it takes in memory, roughly: the record, its message with the same texts, and their allocations.
  static std::size_t bytes_of(const ConsumedRecord& consumed) {
    constexpr std::size_t kOverhead = 512;
    return 2 * (consumed.record.key.size() + consumed.record.value.size()) + kOverhead;
  }
  std::int64_t first() const { return records_.front().position.offset; }
  ConsumedRecord pop() {
    ConsumedRecord record = std::move(records_.front());
    records_.pop_front();
    bytes_ -= bytes_of(record);
    return record;
  }

  std::mutex mutex_;
  std::deque<ConsumedRecord> records_;
  std::size_t bytes_ = 0;
};

}  // namespace message_service::embedded
