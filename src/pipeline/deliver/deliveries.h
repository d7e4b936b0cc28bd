// The order in which one shard sends announcements to the members of its rooms. Rooms take turns, a few members each,
// and the shard's other work has its turn after each round: a room with many members, or with many messages, takes time
// from itself and not from the others.
//
// A room keeps a bounded backlog. Above the limit the service refuses its senders (ConversationBacklog). Above twice
// the limit, which senders on other nodes may cause, the room keeps no announcements, and they are read from the store
// later.
//
// One for each shard, on its thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bounds.h"
#include "pipeline/conversations/conversation_backlog.h"
#include "pipeline/deliver/room.h"
#include "runtime/shard.h"

namespace message_service {

struct BacklogLimit {
  std::size_t messages = 2000;  // of a room with up to 50 live members on a shard; proportionally fewer in a larger one
  static constexpr base::Bounds<std::size_t> messages_bounds{1, 1'000'000};
  std::size_t bytes = std::size_t{4} << 20;
  static constexpr base::Bounds<std::size_t> bytes_bounds{std::size_t{64} << 10, std::size_t{1} << 30};
};

class Deliveries {
 public:
  // The owner's part.
  struct Hooks {
    std::function<void(const Room&, std::vector<Room::Member>&)> list_live_members;
    std::function<void(const Room&, std::span<const Room::Member>)> deliver_pass;  // may close the room
    std::function<void(std::shared_ptr<Room>)> refill;                             // the room is behind
  };

  Deliveries(runtime::Shard& shard, ConversationBacklog& backlog, const BacklogLimit& limit, Hooks hooks)
      : shard_(shard), backlog_(backlog), limit_(limit), hooks_(std::move(hooks)), rest_(shard.executor()) {}

  // The room of a conversation with members on this shard; made when it is missing.
  Room& room_of(const std::string& conversation_id);

  // The last member has left: drops the waiting announcements.
  void close(const std::string& conversation_id);

  // An event has arrived.
  void announce(const SharedAnnouncement& announcement);

  // Adds an announcement that the owner has read from the store for a room that is behind.
  void add(const std::shared_ptr<Room>& room, SharedAnnouncement announcement);

  bool has_room(const Room& room) const { return !is_long(room, 1); }

 private:
  static constexpr std::size_t kUsualMembers = 50;
  // Whether the backlog is over the limit divided by `divisor`.
  bool is_long(const Room& room, std::size_t divisor) const {
    return divisor * room.size() * std::max(room.live(), kUsualMembers) > limit_.messages * kUsualMembers ||
           divisor * room.bytes() > limit_.bytes;
  }
  bool is_full(const Room& room) const { return room.size() > 2 * limit_.messages || room.bytes() > 2 * limit_.bytes; }
  std::shared_ptr<Room>& open(const std::string& conversation_id);
  void take_turns();
  std::size_t take_turn(Room& room);
  void look_at_backlog(Room& room);

  runtime::Shard& shard_;
  ConversationBacklog& backlog_;
  const BacklogLimit limit_;
  const Hooks hooks_;
  std::unordered_map<std::string, std::shared_ptr<Room>> rooms_;
  std::deque<std::shared_ptr<Room>> turns_;
  runtime::Timer rest_;
  std::vector<Room::Member> members_;  // kept between passes to reuse its memory
};

}  // namespace message_service
