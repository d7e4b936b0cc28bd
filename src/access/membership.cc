#include "access/membership.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace message_service::access {

Membership::Membership(StoreReader& store, base::BlockingExecutor executor, const Options& options)
    : store_(store), executor_(std::move(executor)), options_(options) {}

// Neither id holds control characters.
std::string Membership::key_of(std::string_view conversation_id, std::string_view subject) {
  std::string key;
  key.reserve(conversation_id.size() + 1 + subject.size());
  key.append(conversation_id).append(1, '\0').append(subject);
  return key;
}

std::optional<Membership::Known> Membership::known(std::string_view conversation_id, std::string_view subject) {
  const std::string key = key_of(conversation_id, subject);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return std::nullopt;
  const auto entry = found->second;
  const auto age = base::SteadyClock::now() - entry->at;
  if (age > (entry->answer ? options_.member_for : options_.stranger_for)) return std::nullopt;
  ByUse& by_use = shard.of(entry->answer);
  by_use.splice(by_use.begin(), by_use, entry);
  return Known{.answer = entry->answer, .is_new = age <= options_.stranger_for};
}

void Membership::find(const std::string& conversation_id, const std::string& subject, Handler handler) {
  const auto shared = std::make_shared<Handler>(std::move(handler));
  const auto work = [this, conversation_id, subject, shared] { (*shared)(ask(conversation_id, subject)); };
  if (!executor_(work)) {
    (*shared)(base::Error{base::ErrorCode::refused, "too many memberships are being looked up", "store-queue"});
  }
}

void Membership::add(const Conversation& conversation) {
  for (const auto& [id, type, role] : conversation.participants) {
    remember(key_of(conversation.id, id), Answer({.type = type, .role = role}), 0);
  }
}

base::Result<Membership::Answer> Membership::find_now(const std::string& conversation_id, const std::string& subject) {
  const auto last_change = store_.last_participant_change(conversation_id);
  if (!last_change) return last_change.error();
  if (auto known = known_since(key_of(conversation_id, subject), *last_change)) return std::move(*known);
  return ask(conversation_id, subject);
}

// A member stays one until the participants change. A stranger may ask before the conversation is made.
std::optional<Membership::Answer> Membership::known_since(const std::string& key, std::uint64_t last_change) {
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end() || found->second->last_change != last_change) return std::nullopt;
  const auto entry = found->second;
  if (!entry->answer && base::SteadyClock::now() - entry->at > options_.stranger_for) return std::nullopt;
  return entry->answer;
}

base::Result<Membership::Answer> Membership::ask(const std::string& conversation_id, const std::string& subject) {
  const auto found = store_.participants(conversation_id);
  if (!found) return found.error();
  Answer answer;
  if (*found) {
    const Standing* standing = (*found)->find(subject);
    if (standing != nullptr && !standing->removed) {
      answer = Member{.type = standing->participant.type, .role = standing->participant.role, .since = standing->since};
    } else if (standing == nullptr && options_.open_without_participants && (*found)->is_empty()) {
      answer = Member{};
    }
  }
  remember(key_of(conversation_id, subject), answer, *found ? (*found)->last_change : 0);
  return answer;
}

void Membership::remember(std::string key, const Answer& answer, std::uint64_t last_change) {
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  if (const auto found = shard.entries.find(key); found != shard.entries.end()) {
    const auto entry = found->second;
    shard.entries.erase(found);
    shard.of(entry->answer).erase(entry);
  }
  ByUse& by_use = shard.of(answer);
  by_use.push_front({std::move(key), answer, last_change, base::SteadyClock::now()});
  shard.entries.emplace(by_use.front().key, by_use.begin());
  const std::size_t most = options_.entries_max / shards_.size() / (answer ? 1 : kStrangersShare);
  while (by_use.size() > std::max<std::size_t>(1, most)) {
    shard.entries.erase(by_use.back().key);
    by_use.pop_back();
  }
}

}  // namespace message_service::access
