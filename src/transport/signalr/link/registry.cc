#include "transport/signalr/link/registry.h"

#include <utility>

namespace message_service::signalr {

bool Registry::add(const ConnectionIds& ids, std::string user_id, bool stateful, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= connections_max_) return false;
  entries_.emplace(ids.connection_token, Entry{.connection_id = ids.connection_id,
                                               .user_id = std::move(user_id),
                                               .stateful = stateful,
                                               .expires_at = now + lifetime_});
  return true;
}

std::optional<Registry::Entry> Registry::find(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

Registry::Lease Registry::open(const std::string& token, std::shared_ptr<Link> link) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end() || found->second.link) return nullptr;
  found->second.link = std::move(link);
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
  Entry entry;  // its link ends outside the lock
  const std::scoped_lock lock(mutex_);
  if (const auto found = entries_.find(token); found != entries_.end()) {
    std::swap(entry, found->second);
    entries_.erase(found);
  }
}

void Registry::sweep(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return !entry.second.link && entry.second.expires_at <= now; });
}

}  // namespace message_service::signalr
