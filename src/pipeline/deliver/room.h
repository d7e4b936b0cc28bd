// One shard's part of a conversation that has members on it: the announcements that its live members are yet to get,
// and the progress of the pass over the members. On the shard's thread.
//
// A pass takes the first announcements to each member that was live when it began; then the room drops them. So a
// member gets many at once when many wait, and a member that becomes live later has had these from the store.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/deliver/announcement.h"

namespace message_service {

class Subscriber;

class Room {
 public:
  // A live member. The ticket shows whether it is still the same subscription.
  struct Member {
    Subscriber* subscriber;
    std::uint64_t ticket;
  };

  explicit Room(std::string conversation_id) : conversation_id_(std::move(conversation_id)) {}

  const std::string& conversation_id() const { return conversation_id_; }

  // The highest sequence that was announced here, whether the room kept it or not.
  std::uint64_t announced() const { return announced_; }
  void note(std::uint64_t sequence) { announced_ = std::max(announced_, sequence); }

  void push(SharedAnnouncement announcement) {
    queued_ = std::max(queued_, announcement->sequence);
    bytes_ += announcement->bytes;
    waiting_.push_back(std::move(announcement));
  }
  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }
  bool is_empty() const { return waiting_.empty(); }

  // The highest sequence that the room ever kept.
  std::uint64_t queued() const { return queued_; }

  // Announcements are numbered from the room's first one on; end() is the number of the next one.
  std::uint64_t begin() const { return first_; }
  std::uint64_t end() const { return first_ + waiting_.size(); }
  const Announcement& at(std::uint64_t number) const { return *waiting_[number - first_]; }

  // The pass under way takes the announcements from begin() up to, but not including, this one.
  std::uint64_t pass_end() const { return first_ + pass_; }
  bool is_in_pass() const { return pass_ > 0; }
  void begin_pass(std::vector<Member> members) {
    pass_bytes_ = 0;
    for (; pass_ < waiting_.size() && pass_ < kPassMax; ++pass_) {
      if (pass_ > 0 && pass_bytes_ + waiting_[pass_]->bytes > kPassBytesMax) break;
      pass_bytes_ += waiting_[pass_]->bytes;
    }
    live_ = members.size();
    members_ = std::move(members);
    next_member_ = 0;
  }
  std::span<const Member> next_members(std::size_t count_max) {
    const auto rest = std::span<const Member>(members_).subspan(next_member_);
    const auto next = rest.first(std::min(count_max, rest.size()));
    next_member_ += next.size();
    return next;
  }
  // The cost of one member's part of the pass: mostly a system call, then each message, then copying.
  std::size_t cost_of_member() const { return 8 + pass_ + pass_bytes_ / 2048; }
  // How many members were live when the last pass began.
  std::size_t live() const { return live_; }
  bool is_pass_done() const { return next_member_ == members_.size(); }
  // Returns the vector for reuse.
  std::vector<Member> end_pass() {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(pass_);
    for (auto at = waiting_.begin(); at != end; ++at) bytes_ -= (*at)->bytes;
    waiting_.erase(waiting_.begin(), end);
    if (waiting_.empty() && waiting_.capacity() > kPlacesKept) waiting_.shrink_to_fit();
    first_ += std::exchange(pass_, 0);
    return std::move(members_);
  }

  bool has_turn = false;    // it waits for its next turn
  bool is_crowded = false;  // its backlog is over the limit, and senders are refused
  bool is_behind = false;   // it did not keep announcements; they are read from the store when there is room
  bool is_closed = false;   // the last member has left

 private:
  static constexpr std::size_t kPassMax = 64;  // as many as one write to a socket takes
  static constexpr std::size_t kPassBytesMax = std::size_t{128} << 10;
  static constexpr std::size_t kPlacesKept = 16;  // by a room without waiting announcements

  const std::string conversation_id_;
  std::vector<SharedAnnouncement> waiting_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t announced_ = 0;
  std::uint64_t queued_ = 0;
  std::size_t pass_ = 0;
  std::size_t pass_bytes_ = 0;
  std::size_t live_ = 0;
  std::vector<Member> members_;
  std::size_t next_member_ = 0;
};

}  // namespace message_service
