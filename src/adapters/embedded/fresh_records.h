// The newest records of the requested topic, encoded, between the writer that has just synced them and the one reader
// that is about to need them. Bounded in bytes: when the reader lags, they are let go, and it reads them from the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace message_service::embedded {

class FreshRecords {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;

  // The next record of the topic, durable already. Any thread.
  void add(std::int64_t offset, std::string record) {
    const std::scoped_lock lock(mutex_);
    if (bytes_ + record.size() > kBytesMax || (!records_.empty() && offset != next())) clear();
    if (records_.empty()) first_offset_ = offset;
    bytes_ += record.size();
    records_.push_back(std::move(record));
  }

  struct Taken {
    std::int64_t first_offset;         // what lies before it must be read from the disk
    std::vector<std::string> records;  // from there on, up to the end asked for
  };
  // Takes the records [from, to) as far as they are here, and forgets those before.
  Taken take(std::int64_t from, std::int64_t to) {
    const std::scoped_lock lock(mutex_);
    if (records_.empty() || first_offset_ >= to) return {to, {}};
    while (!records_.empty() && first_offset_ < from) pop();
    Taken taken{records_.empty() ? to : first_offset_, {}};
    while (!records_.empty() && first_offset_ < to) {
      taken.records.push_back(std::move(records_.front()));
      bytes_ -= taken.records.back().size();
      records_.pop_front();
      ++first_offset_;
    }
    return taken;
  }

 private:
  std::int64_t next() const { return first_offset_ + static_cast<std::int64_t>(records_.size()); }
  void pop() {
    bytes_ -= records_.front().size();
    records_.pop_front();
    ++first_offset_;
  }
  void clear() {
    records_.clear();
    bytes_ = 0;
  }

  std::mutex mutex_;
  std::deque<std::string> records_;
  std::int64_t first_offset_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace message_service::embedded
