#include "pipeline/ingress/recent_messages.h"

#include <algorithm>
#include <utility>

namespace message_service {

namespace {

// Tells other content from the same; the store compares the content itself.
std::uint64_t fingerprint_of(const Message& message) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio: spreads what is combined
  std::uint64_t fingerprint = 0;
  for (const std::string* part : {&message.sender_id, &message.sender_type, &message.content}) {
    fingerprint = fingerprint * kMultiplier + std::hash<std::string>{}(*part);
  }
  return fingerprint;
}

}  // namespace

RecentMessages::RecentMessages(std::size_t entries_max)
    : shard_entries_max_(std::max<std::size_t>(1, entries_max / kShards)) {}

RecentMessages::Claim RecentMessages::claim(const Message& message, const std::shared_ptr<Waiter>& waiter) {
  const ObjectIdBytes& id = message.id;
  const std::uint64_t fingerprint = fingerprint_of(message);
  Shard& shard = shard_of(id);
  std::unique_lock lock(shard.mutex);
  const auto [at, is_new] =
      shard.entries.try_emplace(id, Entry{.fingerprint = fingerprint, .answer = {}, .waiters = nullptr});
  if (is_new) return Claim::first;
  Entry& entry = at->second;
  if (entry.fingerprint != fingerprint) return Claim::conflict;
  if (!entry.answer) {
    if (!entry.waiters) entry.waiters = std::make_unique<Waiters>();
    entry.waiters->push_back(waiter);
    return Claim::waiting;
  }
  const Result<FirstAnswer> answer = *entry.answer;
  lock.unlock();
  waiter->told(answer);
  return Claim::repeat;
}

void RecentMessages::settle(const Message& message, const FirstAnswer& answer) {
  const ObjectIdBytes& id = message.id;
  Shard& shard = shard_of(id);
  std::unique_ptr<Waiters> waiters;
  {
    const std::scoped_lock lock(shard.mutex);
    const auto at = shard.entries.find(id);
    if (at == shard.entries.end() || at->second.answer) return;
    at->second.answer = answer;
    waiters = std::move(at->second.waiters);
    shard.settled.push_back(id);
    if (shard.settled.size() > shard_entries_max_) {
      shard.entries.erase(shard.settled.front());
      shard.settled.pop_front();
    }
  }
  if (!waiters) return;
  for (const auto& waiter : *waiters) waiter->told(answer);
}

void RecentMessages::abandon(const Message& message, const Error& error) {
  const ObjectIdBytes& id = message.id;
  Shard& shard = shard_of(id);
  std::unique_ptr<Waiters> waiters;
  {
    const std::scoped_lock lock(shard.mutex);
    const auto at = shard.entries.find(id);
    if (at == shard.entries.end() || at->second.answer) return;
    waiters = std::move(at->second.waiters);
    shard.entries.erase(at);
  }
  if (!waiters) return;
  for (const auto& waiter : *waiters) waiter->told(error);
}

bool RecentMessages::holds(const std::string& conversation_id, const std::string& temporary_message_id) {
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  Shard& shard = shard_of(id);
  const std::scoped_lock lock(shard.mutex);
  const auto at = shard.entries.find(id);
  return at != shard.entries.end() && at->second.answer;
}

}  // namespace message_service
