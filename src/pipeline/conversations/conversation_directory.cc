#include "pipeline/conversations/conversation_directory.h"

#include <algorithm>
#include <utility>

namespace message_service {

namespace {

Result<bool> ask(StoreReader& store, const std::string& id) {
  auto found = store.find_conversation(id);
  if (!found) return found.error();
  return found->has_value();
}

}  // namespace

ConversationDirectory::ConversationDirectory(StoreReader& store, BlockingExecutor executor, const Options& options)
    : store_(store), executor_(std::move(executor)), options_(options) {}

bool ConversationDirectory::knows(const std::string& id) {
  Shard& shard = shard_of(id);
  const std::scoped_lock lock(shard.mutex);
  return look_up(shard, id).value_or(false);
}

void ConversationDirectory::exists(const std::string& id, Handler handler) {
  Shard& shard = shard_of(id);
  std::unique_lock lock(shard.mutex);
  if (const auto known = look_up(shard, id)) {
    lock.unlock();
    return handler(*known);
  }
  auto& waiting = shard.loading[id];
  const bool first = waiting.empty();
  waiting.push_back(std::move(handler));
  lock.unlock();
  if (first && !executor_([this, id] { load(id); })) {
    finish(id, Error{ErrorCode::refused, "too many conversations are being looked up", "store-queue"});
  }
}

Result<bool> ConversationDirectory::exists_now(const std::string& id) {
  Shard& shard = shard_of(id);
  {
    const std::scoped_lock lock(shard.mutex);
    if (const auto known = look_up(shard, id)) return *known;
  }
  auto found = ask(store_, id);
  if (found) {
    const std::scoped_lock lock(shard.mutex);
    remember(shard, id, *found);
  }
  return found;
}

void ConversationDirectory::add(const std::string& id) {
  Shard& shard = shard_of(id);
  const std::scoped_lock lock(shard.mutex);
  remember(shard, id, true);
}

std::size_t ConversationDirectory::forget_half() {
  std::size_t forgotten = 0;
  for (Shard& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    for (std::size_t n = shard.entries.size() / 2; n > 0; --n, ++forgotten) {
      shard.entries.erase(shard.by_use.back().id);
      shard.by_use.pop_back();
    }
  }
  return forgotten;
}

std::optional<bool> ConversationDirectory::look_up(Shard& shard, std::string_view id) {
  const auto found = shard.entries.find(id);
  if (found == shard.entries.end()) return std::nullopt;
  const auto entry = found->second;
  if (!entry->known && SteadyClock::now() - entry->at > options_.unknown_for) return std::nullopt;
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, entry);
  return entry->known;
}

void ConversationDirectory::remember(Shard& shard, const std::string& id, bool known) {
  if (const auto found = shard.entries.find(id); found != shard.entries.end()) {
    Entry& entry = *found->second;
    entry.known = entry.known || known;  // a look-up that began before add() must not undo it
    entry.at = SteadyClock::now();
    return;
  }
  shard.by_use.push_front({id, known, SteadyClock::now()});
  shard.entries.emplace(shard.by_use.front().id, shard.by_use.begin());
  if (shard.entries.size() > std::max<std::size_t>(1, options_.entries_max / shards_.size())) {
    shard.entries.erase(shard.by_use.back().id);
    shard.by_use.pop_back();
  }
}

void ConversationDirectory::load(const std::string& id) { finish(id, ask(store_, id)); }

void ConversationDirectory::finish(const std::string& id, const Result<bool>& found) {
  Shard& shard = shard_of(id);
  std::vector<Handler> waiting;
  {
    const std::scoped_lock lock(shard.mutex);
    if (found) remember(shard, id, *found);
    if (auto node = shard.loading.extract(id)) waiting = std::move(node.mapped());
  }
  for (const Handler& handler : waiting) handler(found);
}

}  // namespace message_service
