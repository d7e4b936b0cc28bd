#include "pipeline/accept/recent_messages.h"

#include <algorithm>
#include <utility>

namespace message_service {

namespace {

// Distinguishes other content from the same content; the store compares the content itself.
std::uint64_t fingerprint_of(const Message& message) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio: spreads the combined hashes
  std::uint64_t fingerprint = 0;
  for (const std::string* part : {&message.sender_id, &message.sender_type, &message.content}) {
    fingerprint = fingerprint * kMultiplier + std::hash<std::string>{}(*part);
  }
  if (!message.change) return fingerprint;
  const auto& [kind, participant] = *message.change;
  for (const std::string_view part : {to_text(kind), std::string_view(participant.id),
                                      std::string_view(participant.type), to_text(participant.role)}) {
    fingerprint = fingerprint * kMultiplier + std::hash<std::string_view>{}(part);
  }
  return fingerprint;
}

}  // namespace

void RecentMessages::Entry::settle(const FirstAnswer& answer) {
  requested_at = answer.requested_at;
  if (!answer.correlation_id.empty()) made_rest().correlation_id = answer.correlation_id;
}

FirstAnswer RecentMessages::Entry::answer() const {
  return {.requested_at = *requested_at, .correlation_id = rest ? rest->correlation_id : std::string()};
}

RecentMessages::Rest& RecentMessages::Entry::made_rest() {
  if (!rest) rest = std::make_unique<Rest>();
  return *rest;
}

RecentMessages::Waiters RecentMessages::Entry::take_waiters() { return rest ? std::move(rest->waiters) : Waiters(); }

RecentMessages::RecentMessages(std::size_t entries_max)
    : shard_entries_max_(std::max<std::size_t>(1, entries_max / kShards)) {}

RecentMessages::Claim RecentMessages::claim(const Message& message, const std::shared_ptr<Waiter>& waiter) {
  const ObjectIdBytes& id = message.id;
  const std::uint64_t fingerprint = fingerprint_of(message);
  Shard& shard = shard_of(id);
  std::unique_lock lock(shard.mutex);
  const auto [at, is_new] =
      shard.entries.try_emplace(id, Entry{.fingerprint = fingerprint, .requested_at = {}, .rest = nullptr});
  if (is_new) return Claim::first;
  Entry& entry = at->second;
  if (entry.fingerprint != fingerprint) return Claim::conflict;
  if (!entry.requested_at) {
    entry.made_rest().waiters.push_back(waiter);
    return Claim::waiting;
  }
  const base::Result<FirstAnswer> answer = entry.answer();
  lock.unlock();
  waiter->told(answer);
  return Claim::repeat;
}

void RecentMessages::settle(const Message& message, const FirstAnswer& answer) {
  const ObjectIdBytes& id = message.id;
  Shard& shard = shard_of(id);
  Waiters waiters;
  {
    const std::scoped_lock lock(shard.mutex);
    const auto at = shard.entries.find(id);
    if (at == shard.entries.end() || at->second.requested_at) return;
    waiters = at->second.take_waiters();
    at->second.settle(answer);
    add_settled(shard, id);
  }
  for (const auto& waiter : waiters) waiter->told(answer);
}

void RecentMessages::remember(const Message& message, const FirstAnswer& answer) {
  const std::uint64_t fingerprint = fingerprint_of(message);
  Shard& shard = shard_of(message.id);
  const std::scoped_lock lock(shard.mutex);
  const auto [at, is_new] =
      shard.entries.try_emplace(message.id, Entry{.fingerprint = fingerprint, .requested_at = {}, .rest = nullptr});
  if (!is_new) return;
  at->second.settle(answer);
  add_settled(shard, message.id);
}

void RecentMessages::add_settled(Shard& shard, const ObjectIdBytes& id) {
  shard.settled.push_back(id);
  if (shard.settled.size() <= shard_entries_max_) return;
  shard.entries.erase(shard.settled.front());
  shard.settled.pop_front();
}

void RecentMessages::abandon(const Message& message, const base::Error& error) {
  const ObjectIdBytes& id = message.id;
  Shard& shard = shard_of(id);
  Waiters waiters;
  {
    const std::scoped_lock lock(shard.mutex);
    const auto at = shard.entries.find(id);
    if (at == shard.entries.end() || at->second.requested_at) return;
    waiters = at->second.take_waiters();
    shard.entries.erase(at);
  }
  for (const auto& waiter : waiters) waiter->told(error);
}

bool RecentMessages::knows(const std::string& conversation_id, const std::string& temporary_message_id) {
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  Shard& shard = shard_of(id);
  const std::scoped_lock lock(shard.mutex);
  return shard.entries.contains(id);
}

bool RecentMessages::holds(const std::string& conversation_id, const std::string& temporary_message_id) {
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  Shard& shard = shard_of(id);
  const std::scoped_lock lock(shard.mutex);
  const auto at = shard.entries.find(id);
  return at != shard.entries.end() && at->second.requested_at;
}

}  // namespace message_service
