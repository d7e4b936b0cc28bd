#include "pipeline/conversations/conversation_directory.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace message_service {

namespace {

// The id's own characters, and roughly the memory that a list and a table need for it.
std::size_t bytes_of(const std::string& id) { return id.size() + 128; }

base::Result<bool> ask(StoreReader& store, const std::string& id) {
  auto found = store.find_conversation(id);
  // A damaged conversation still exists, and its messages are none the worse.
  if (!found && found.error().code == base::ErrorCode::corrupt) return true;
  if (!found) return found.error();
  return found->has_value();
}

}  // namespace

ConversationDirectory::ConversationDirectory(StoreReader& store, base::BlockingExecutor executor,
                                             const Options& options)
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
    finish(id, base::Error{base::ErrorCode::refused, "too many conversations are being looked up", "store-queue"});
  }
}

base::Result<bool> ConversationDirectory::exists_now(const std::string& id) {
  Shard& shard = shard_of(id);
  {
    const std::scoped_lock lock(shard.mutex);
    if (const auto known = look_up(shard, id)) return *known;
  }
  return ask_store(id);
}

base::Result<bool> ConversationDirectory::exists_for_certain(const std::string& id) {
  if (knows(id)) return true;
  return ask_store(id);
}

base::Result<bool> ConversationDirectory::ask_store(const std::string& id) {
  auto found = ask(store_, id);
  if (found) {
    Shard& shard = shard_of(id);
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
    for (ByUse* by_use : {&shard.known, &shard.unknown}) {
      for (std::size_t n = by_use->entries.size() / 2; n > 0; --n, ++forgotten) {
        forget(shard, std::prev(by_use->entries.end()));
      }
    }
  }
  return forgotten;
}

std::optional<bool> ConversationDirectory::look_up(Shard& shard, std::string_view id) {
  const auto found = shard.entries.find(id);
  if (found == shard.entries.end()) return std::nullopt;
  const auto entry = found->second;
  if (!entry->known && base::SteadyClock::now() - entry->at > options_.unknown_for) return std::nullopt;
  auto& by_use = shard.of(entry->known).entries;
  by_use.splice(by_use.begin(), by_use, entry);
  return entry->known;
}

void ConversationDirectory::remember(Shard& shard, const std::string& id, bool known) {
  if (const auto found = shard.entries.find(id); found != shard.entries.end()) {
    known = known || found->second->known;  // a look-up that began before add() must not undo it
    forget(shard, found->second);
  }
  ByUse& by_use = shard.of(known);
  by_use.entries.push_front({id, known, base::SteadyClock::now()});
  by_use.bytes += bytes_of(id);
  shard.entries.emplace(by_use.entries.front().id, by_use.entries.begin());
  const std::size_t most =
      std::max<std::size_t>(1, options_.entries_max / shards_.size() / (known ? 1 : kUnknownShare));
  while (by_use.entries.size() > 1 && (by_use.entries.size() > most || by_use.bytes > most * kBytesPerEntry)) {
    forget(shard, std::prev(by_use.entries.end()));
  }
}

void ConversationDirectory::forget(Shard& shard, std::list<Entry>::iterator entry) {
  ByUse& by_use = shard.of(entry->known);
  by_use.bytes -= bytes_of(entry->id);
  shard.entries.erase(entry->id);
  by_use.entries.erase(entry);
}

void ConversationDirectory::load(const std::string& id) { finish(id, ask(store_, id)); }

void ConversationDirectory::finish(const std::string& id, const base::Result<bool>& found) {
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
