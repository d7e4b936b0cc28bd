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

std::optional<Membership::Answer> Membership::known(std::string_view conversation_id, std::string_view subject) {
  const std::string key = key_of(conversation_id, subject);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return std::nullopt;
  const auto entry = found->second;
  const auto lasts = entry->answer ? options_.member_for : options_.stranger_for;
  if (base::SteadyClock::now() - entry->at > lasts) return std::nullopt;
  ByUse& by_use = shard.of(entry->answer);
  by_use.splice(by_use.begin(), by_use, entry);
  return entry->answer;
}

void Membership::find(const std::string& conversation_id, const std::string& subject, Handler handler) {
  const auto shared = std::make_shared<Handler>(std::move(handler));
  const auto work = [this, conversation_id, subject, shared] {
    base::Result<Answer> answer = ask(conversation_id, subject);
    if (answer) remember(key_of(conversation_id, subject), *answer);
    (*shared)(std::move(answer));
  };
  if (!executor_(work)) {
    (*shared)(base::Error{base::ErrorCode::refused, "too many memberships are being looked up", "store-queue"});
  }
}

void Membership::add(const Conversation& conversation) {
  for (const Participant& one : conversation.participants) remember(key_of(conversation.id, one.id), Answer(one.type));
}

base::Result<Membership::Answer> Membership::ask(const std::string& conversation_id, const std::string& subject) {
  const auto found = store_.find_conversation(conversation_id);
  if (!found) return found.error();
  if (!*found) return Answer();
  const std::vector<Participant>& participants = (*found)->participants;
  if (participants.empty() && options_.open_without_participants) return Answer("");
  const auto one = std::ranges::find(participants, subject, &Participant::id);
  return one == participants.end() ? Answer() : Answer(one->type);
}

void Membership::remember(std::string key, const Answer& answer) {
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  if (const auto found = shard.entries.find(key); found != shard.entries.end()) {
    const auto entry = found->second;
    shard.entries.erase(found);
    shard.of(entry->answer).erase(entry);
  }
  ByUse& by_use = shard.of(answer);
  by_use.push_front({std::move(key), answer, base::SteadyClock::now()});
  shard.entries.emplace(by_use.front().key, by_use.begin());
  const std::size_t most = options_.entries_max / shards_.size() / (answer ? 1 : kStrangersShare);
  while (by_use.size() > std::max<std::size_t>(1, most)) {
    shard.entries.erase(by_use.back().key);
    by_use.pop_back();
  }
}

}  // namespace message_service::access
