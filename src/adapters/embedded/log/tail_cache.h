// The newest messages of the log, between the writer that has just synced their records and the one reader that is
// about to need them: the reader need not read them from the disk and parse them. Bounded in bytes: when the reader
// lags, the cache keeps no new messages until the reader has taken some, and the reader reads the rest from the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "model/message.h"

namespace message_service::embedded {

class TailCache {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{32} << 20;

  using Messages = std::vector<std::shared_ptr<const Admitted>>;

  // Adds the next records of the log, durable already. Null: the record is no message of this process. Any thread.
  void add(std::int64_t first_offset, Messages messages) {
    const std::scoped_lock lock(mutex_);
    std::int64_t offset = first_offset;
    for (auto& message : messages) {
      const std::int64_t here = offset++;
      if (!message || bytes_ + memory_of(message->message()) > kBytesMax) continue;
      bytes_ += memory_of(message->message());
      entries_.push_back({here, std::move(message)});
    }
  }

  struct Taken {
    std::int64_t first_offset;  // records before it must be read from the disk
    Messages messages;          // from first_offset on, without a gap
  };
  // Takes the first messages of [from, to) in the cache, and forgets all messages before `from`. Messages after a gap
  // may be in the cache, too.
  Taken take(std::int64_t from, std::int64_t to) {
    const std::scoped_lock lock(mutex_);
    if (entries_.empty() || first() >= to) return {to, {}};
    while (!entries_.empty() && first() < from) (void)pop();
    Taken taken{entries_.empty() ? to : first(), {}};
    for (std::int64_t next = taken.first_offset; next < to && !entries_.empty() && first() == next; ++next) {
      taken.messages.push_back(pop());
    }
    return taken;
  }

 private:
  struct Entry {
    std::int64_t offset;
    std::shared_ptr<const Admitted> message;
  };

  std::int64_t first() const { return entries_.front().offset; }
  std::shared_ptr<const Admitted> pop() {
    auto message = std::move(entries_.front().message);
    entries_.pop_front();
    bytes_ -= memory_of(message->message());
    return message;
  }

  std::mutex mutex_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace message_service::embedded
