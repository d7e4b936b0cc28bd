#include "signalr/connection/registry.h"

#include <algorithm>
#include <utility>

namespace signalr {

namespace {

// The lifetime of a connection without a transport while places run short. Clients open their transport at once.
constexpr std::chrono::seconds kShortLifetime(5);

// One number for all addresses of one client: with IPv6 a client has 2^64 of them.
std::uint64_t origin_of(const boost::asio::ip::address& address) {
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (mapped) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_uint();
  if (address.is_v4()) return address.to_v4().to_uint();
  std::uint64_t network = 0;
  const auto bytes = address.to_v6().to_bytes();
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | bytes[i];
  return network;
}

}  // namespace

bool Registry::add(const ConnectionIds& ids, Entry entry, const boost::asio::ip::address& address,
                   base::SteadyTime now) {
  sweep(now);
  const std::uint64_t origin = origin_of(address);
  const std::scoped_lock lock(mutex_);
  if (!has_place_for(origin)) return false;
  entry.connection_id = ids.connection_id;
  Place place{.entry = std::move(entry), .origin = origin, .expires_at = now + limits_.lifetime};
  const auto at = places_.emplace(ids.connection_token, std::move(place)).first;
  at->second.unopened = unopened_.insert(unopened_.end(), &at->first);
  ++unopened_by_origin_[origin];
  return true;
}

// One address may take half of the places that the other addresses leave, so there is always a place for a further
// address.
bool Registry::has_place_for(std::uint64_t origin) const {
  if (places_.size() >= limits_.connections_max) return false;
  const auto found = unopened_by_origin_.find(origin);
  const std::size_t its_own = found == unopened_by_origin_.end() ? 0 : found->second;
  const std::size_t left_by_others = limits_.connections_max - (places_.size() - its_own);
  return its_own < std::max<std::size_t>(1, left_by_others / 2);
}

std::optional<Registry::Entry> Registry::find(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end()) return std::nullopt;
  return found->second.entry;
}

void Registry::make_room(const std::string& token, std::size_t body_bytes, RoomDone done) {
  const std::size_t bytes = body_bytes + kRoomBytes;
  Room room;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(token);
    if (found != places_.end()) {
      auto& [key, place] = *found;
      if (!place.posts) place.posts = std::make_unique<Posts>();
      if (!place.posts->waiting.empty() || !fits(place, bytes)) {
        place.posts->waiting.push_back({bytes, std::move(done)});
        return;
      }
      room = grant(key, place, bytes);
    }
  }
  done(std::move(room));
}

// One POST may be longer than the bound, when the connection has a transport and has read everything else.
bool Registry::fits(const Place& place, std::size_t bytes) const {
  const std::size_t held = place.posts->bytes;
  return held + bytes <= limits_.posted_bytes_max || (held == 0 && place.entry.transport);
}

Registry::Room Registry::grant(const std::string& token, Place& place, std::size_t bytes) {
  place.posts->bytes += bytes;
  const auto give_back = [weak = weak_from_this(), token, bytes](void*) {
    if (const auto self = weak.lock()) self->give_back(token, bytes);
  };
  return Room(this, give_back);
}

std::vector<Registry::Granted> Registry::let_in(const std::string& token, Place& place) {
  std::vector<Granted> granted;
  if (!place.posts) return granted;
  auto& waiting = place.posts->waiting;
  while (!waiting.empty() && fits(place, waiting.front().bytes)) {
    Room room = grant(token, place, waiting.front().bytes);
    granted.push_back({std::move(waiting.front().done), std::move(room)});
    waiting.pop_front();
  }
  return granted;
}

void Registry::give_back(const std::string& token, std::size_t bytes) {
  std::vector<Granted> granted;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(token);
    if (found == places_.end()) return;
    found->second.posts->bytes -= bytes;
    granted = let_in(token, found->second);
  }
  for (Granted& one : granted) one.done(std::move(one.room));
}

bool Registry::post_early(const std::string& token, std::string_view bytes, Room room) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end() || found->second.entry.transport) return false;
  found->second.posts->early.append(bytes);
  found->second.posts->early_rooms.push_back(std::move(room));
  return true;
}

Registry::Lease Registry::open(const std::string& token, std::shared_ptr<TransportConnection> transport) {
  std::vector<Granted> granted;
  Lease opened;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(token);
    if (found == places_.end() || found->second.entry.transport) return nullptr;
    Place& place = found->second;
    if (place.posts && !place.posts->early.empty()) {  // nobody else has the transport yet
      auto rooms = std::make_shared<std::vector<Room>>(std::exchange(place.posts->early_rooms, {}));
      transport->begin_with(std::exchange(place.posts->early, {}), std::move(rooms));
    }
    place.entry.transport = std::move(transport);
    leave_unopened(place);
    granted = let_in(token, place);
    opened = lease(token);
  }
  for (Granted& one : granted) one.done(std::move(one.room));
  return opened;
}

void Registry::leave_unopened(Place& place) {
  unopened_.erase(place.unopened);
  const auto origin = unopened_by_origin_.find(place.origin);
  if (--origin->second == 0) unopened_by_origin_.erase(origin);
}

Registry::Lease Registry::open_unnamed() { return is_full() ? nullptr : lease({}); }

Registry::Lease Registry::lease(std::string token) {
  ++open_;
  const auto give_back = [self = shared_from_this(), token = std::move(token)](void*) { self->forget(token); };
  return Lease(this, give_back);
}

void Registry::forget(const std::string& token) {
  --open_;
  std::shared_ptr<TransportConnection> transport;  // released outside the lock
  Gone gone;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(token);
    if (found == places_.end()) return;
    transport = std::move(found->second.entry.transport);
    gone.push_back(std::move(found->second.posts));
    places_.erase(found);
  }
  tell_gone(gone);
}

std::size_t Registry::sweep(base::SteadyTime now) {
  Gone gone;
  std::size_t dropped = 0;
  {
    const std::scoped_lock lock(mutex_);
    while (!unopened_.empty()) {
      const auto first = places_.find(*unopened_.front());
      if (first->second.expires_at - forgone_lifetime() > now) break;
      ++dropped;
      if (first->second.posts) gone.push_back(std::move(first->second.posts));
      leave_unopened(first->second);
      places_.erase(first);
    }
  }
  tell_gone(gone);
  return dropped;
}

std::chrono::milliseconds Registry::forgone_lifetime() const {
  const bool crowded = unopened_.size() > limits_.connections_max / 2;
  return crowded && limits_.lifetime > kShortLifetime ? limits_.lifetime - kShortLifetime
                                                      : std::chrono::milliseconds(0);
}

void Registry::tell_gone(Gone& gone) {
  for (const auto& posts : gone) {
    if (!posts) continue;
    for (const Waiting& waiting : posts->waiting) waiting.done(nullptr);
  }
}

void Registry::discard() {
  std::vector<std::deque<Waiting>> forgotten;  // destroyed outside the lock
  const std::scoped_lock lock(mutex_);
  for (auto& [token, place] : places_) {
    if (place.posts) forgotten.push_back(std::exchange(place.posts->waiting, {}));
  }
}

}  // namespace signalr
