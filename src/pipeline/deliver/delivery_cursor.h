// The messages of one conversation that a client has been sent, and the messages that it is owed. A value; no I/O.
//
// A client is owed every message after the lowest `after` that it joined with, and each message once. The first join
// sets where it begins. A later join with a lower `after` adds the messages in between; any other later join changes
// nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace message_service {

class DeliveryCursor {
 public:
  static constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

  DeliveryCursor() = default;
  explicit DeliveryCursor(std::uint64_t after) : delivered_(after), begin_(after), wanted_(after) {}

  // True when the client is owed more than before.
  bool extend_to(std::uint64_t after) {
    if (after >= wanted_) return false;
    wanted_ = after;
    return true;
  }

  // The messages to send next: after one sequence, up to and including another.
  struct Range {
    std::uint64_t after;
    std::uint64_t end;
  };
  Range next() {
    if (earlier_.after == earlier_.end && wanted_ < begin_) {
      if (delivered_ == begin_) {  // nothing was sent yet, so all can go out in order
        delivered_ = wanted_;
      } else {
        earlier_ = {wanted_, begin_};
      }
      begin_ = wanted_;
    }
    return earlier_.after < earlier_.end ? earlier_ : Range{delivered_, kNoEnd};
  }

  // A message of the range was sent, or the range has none up to `sequence`.
  void advance(const Range& range, std::uint64_t sequence) {
    if (range.end == kNoEnd) {
      delivered_ = std::max(delivered_, sequence);
    } else {
      earlier_.after = std::min(sequence, earlier_.end);
    }
  }

  // Whether the client is owed no message before delivered().
  bool is_at_end() const { return earlier_.after == earlier_.end && wanted_ == begin_; }

  // The highest sequence that was sent, or the one after which sending begins.
  std::uint64_t delivered() const { return delivered_; }

 private:
  std::uint64_t delivered_ = 0;
  std::uint64_t begin_ = 0;   // the client has everything between this and delivered_, but for earlier_
  std::uint64_t wanted_ = 0;  // the lowest `after` of a join
  Range earlier_{0, 0};       // the messages that a join with a lower `after` has added
};

}  // namespace message_service
