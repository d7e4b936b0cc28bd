#include "transport/signalr/link/registry.h"

#include <utility>

namespace message_service::signalr {

bool Registry::add(const ConnectionIds& ids, std::string user_id, bool stateful, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (places_.size() >= limits_.connections_max) return false;
  places_.emplace(ids.connection_token, Place{.entry = {.connection_id = ids.connection_id,
                                                        .user_id = std::move(user_id),
                                                        .stateful = stateful,
                                                        .expires_at = now + limits_.lifetime}});
  return true;
}

std::optional<Registry::Entry> Registry::find(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end()) return std::nullopt;
  return found->second.entry;
}

void Registry::post_early(const std::string& token, std::string_view bytes, EarlyDone done) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end()) return done(Early::gone);
  auto& [entry, early] = found->second;
  if (entry.link) return done(Early::opened);
  if (!early.waiting.empty() || early.bytes.size() + bytes.size() > limits_.early_bytes_max) {
    early.waiting.push_back(std::move(done));
    return;
  }
  early.bytes.append(bytes);
  done(Early::kept);
}

Registry::Lease Registry::open(const std::string& token, std::shared_ptr<Link> link) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end() || found->second.entry.link) return nullptr;
  const EarlyPosts early = std::exchange(found->second.early, {});
  if (!early.bytes.empty()) link->begin_with(early.bytes);  // nobody else has the link yet
  found->second.entry.link = std::move(link);
  for (const EarlyDone& done : early.waiting) done(Early::opened);
  return lease(token);
}

Registry::Lease Registry::open_unnamed() { return is_full() ? nullptr : lease({}); }

Registry::Lease Registry::lease(std::string token) {
  ++open_;
  const auto give_back = [self = shared_from_this(), token = std::move(token)](void*) { self->forget(token); };
  return Lease(this, give_back);
}

void Registry::forget(const std::string& token) {
  --open_;
  Place place;  // its link ends outside the lock
  const std::scoped_lock lock(mutex_);
  if (const auto found = places_.find(token); found != places_.end()) {
    std::swap(place, found->second);
    places_.erase(found);
  }
}

std::size_t Registry::sweep(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  return std::erase_if(places_, [&](const auto& place) {
    const auto& [entry, early] = place.second;
    if (entry.link || entry.expires_at > now) return false;
    for (const EarlyDone& done : early.waiting) done(Early::gone);
    return true;
  });
}

void Registry::discard() {
  std::vector<EarlyDone> forgotten;  // they end outside the lock
  const std::scoped_lock lock(mutex_);
  for (auto& [token, place] : places_) {
    for (EarlyDone& done : std::exchange(place.early.waiting, {})) forgotten.push_back(std::move(done));
  }
}

}  // namespace message_service::signalr
