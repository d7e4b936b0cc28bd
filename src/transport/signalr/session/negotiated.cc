#include "transport/signalr/session/negotiated.h"

namespace message_service::signalr {

bool Negotiated::add(const ConnectionIds& ids, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= waiting_max_) return false;
  entries_.emplace(ids.connection_token, Entry{.connection_id = ids.connection_id, .expires_at = now + lifetime_});
  return true;
}

Negotiated::Opened Negotiated::open(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end()) return {Opening::unknown, {}};
  if (found->second.in_use) return {Opening::in_use, {}};
  found->second.in_use = true;
  return {Opening::opened, found->second.connection_id};
}

void Negotiated::forget(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(token);
}

void Negotiated::sweep(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return !entry.second.in_use && entry.second.expires_at <= now; });
}

}  // namespace message_service::signalr
