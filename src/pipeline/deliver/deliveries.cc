#include "pipeline/deliver/deliveries.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace message_service {

namespace {

// In Room::cost_of_member(): 35 members with one short message each, or 3 with 64 messages of 500 bytes.
constexpr std::size_t kCostOfTurn = 320;
constexpr std::size_t kCostOfRound = 8 * kCostOfTurn;  // of all rooms; then the shard's other work has its turn
constexpr std::size_t kCostOfEmptyTurn = 1;

// Three times the duration of a unit of cost.
constexpr auto kRestPerCost = std::chrono::nanoseconds(1500);

}  // namespace

std::shared_ptr<Room>& Deliveries::open(const std::string& conversation_id) {
  std::shared_ptr<Room>& room = rooms_[conversation_id];
  if (!room) room = std::make_shared<Room>(conversation_id);
  return room;
}

Room& Deliveries::room_of(const std::string& conversation_id) { return *open(conversation_id); }

void Deliveries::close(const std::string& conversation_id) {
  const auto found = rooms_.find(conversation_id);
  if (found == rooms_.end()) return;
  Room& room = *found->second;
  room.is_closed = true;
  if (room.is_crowded) backlog_.end(conversation_id);
  rooms_.erase(found);
}

void Deliveries::announce(const SharedAnnouncement& announcement) {
  const std::shared_ptr<Room>& room = open(announcement->conversation_id);
  room->note(announcement->sequence);
  const bool is_in_store = announcement->sequence > 0;
  if (is_in_store && !room->is_behind && is_full(*room)) {
    room->is_behind = true;
    hooks_.refill(room);
  }
  if (!is_in_store || !room->is_behind) add(room, announcement);
}

void Deliveries::add(const std::shared_ptr<Room>& room, SharedAnnouncement announcement) {
  room->push(std::move(announcement));
  look_at_backlog(*room);
  if (std::exchange(room->has_turn, true)) return;
  turns_.push_back(room);
  if (turns_.size() == 1) boost::asio::post(shard_.executor(), [this] { take_turns(); });
}

// Runs one round, then rests where only rooms over their limit wait: the cores are there for the writers. The first
// room stays in the queue during its turn, so that an add() meanwhile sees that a round is under way.
void Deliveries::take_turns() {
  std::size_t cost = 0;
  for (std::size_t rooms = turns_.size(); rooms > 0 && cost < kCostOfRound; --rooms) {
    const std::shared_ptr<Room> room = turns_.front();
    if (!room->is_closed) cost += take_turn(*room);
    turns_.pop_front();
    room->has_turn = !room->is_closed && !room->is_empty();
    if (room->has_turn) turns_.push_back(room);
  }
  if (turns_.empty()) return;
  if (!std::ranges::all_of(turns_, &Room::is_crowded)) {
    boost::asio::post(shard_.executor(), [this] { take_turns(); });
    return;
  }
  rest_.expires_after(kRestPerCost * cost);
  rest_.async_wait([this](const runtime::ErrorCodeAsio& error) {
    if (!error) take_turns();
  });
}

// Returns the cost of the turn.
std::size_t Deliveries::take_turn(Room& room) {
  if (!room.is_in_pass()) {
    std::vector<Room::Member> members = std::move(members_);
    members.clear();
    hooks_.list_live_members(room, members);
    room.begin_pass(std::move(members));
  }
  const std::size_t cost = room.cost_of_member();
  const auto members = room.next_members(std::max<std::size_t>(1, kCostOfTurn / cost));
  if (!members.empty()) hooks_.deliver_pass(room, members);
  const std::size_t visited = members.size();
  if (room.is_pass_done()) {
    members_ = room.end_pass();
    look_at_backlog(room);
  }
  return kCostOfEmptyTurn + visited * cost;
}

void Deliveries::look_at_backlog(Room& room) {
  if (!room.is_crowded && is_long(room, 1)) {
    room.is_crowded = true;
    backlog_.begin(room.conversation_id());
  } else if (room.is_crowded && !is_long(room, 2)) {
    room.is_crowded = false;
    backlog_.end(room.conversation_id());
  }
}

}  // namespace message_service
