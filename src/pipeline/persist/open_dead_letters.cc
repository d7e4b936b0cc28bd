#include "pipeline/persist/open_dead_letters.h"

#include <algorithm>
#include <utility>

namespace message_service {

namespace {

constexpr std::size_t kLoadPage = 500;
constexpr std::size_t kWalkPage = 50;

}  // namespace

base::Result<void> OpenDeadLetters::load(const Partitions& partitions) {
  if (loaded_ == partitions) return {};
  forget();
  std::uint64_t count = 0;
  OpenDeadLetterQuery query{.limit = kLoadPage};
  while (true) {
    auto page = store_.open_dead_letters(query);
    if (!page) return page.error();
    for (const OpenDeadLetter& letter : *page) {
      remember(letter.conversation_id);
      if (std::ranges::find(partitions, letter.origin.partition) != partitions.end()) ++count;
    }
    if (page->size() < kLoadPage) break;
    query.after = page->back().key();
  }
  loaded_ = partitions;
  count_ = count;
  return {};
}

void OpenDeadLetters::forget() {
  loaded_.reset();
  conversations_.clear();
  all_known_ = true;
  count_ = 0;
  changes_.clear();
  walks_.clear();
}

void OpenDeadLetters::remember(const std::string& conversation_id) {
  if (all_known_ && conversations_.size() >= conversations_max_ && !conversations_.contains(conversation_id)) {
    all_known_ = false;
    conversations_.clear();
  }
  if (all_known_) conversations_.insert(conversation_id);
}

base::Result<std::optional<OpenDeadLetter>> OpenDeadLetters::find(const DeadLetterKey& key) {
  if (const auto changed = changes_.find(key); changed != changes_.end()) return changed->second;
  if (!may_have(key.conversation_id)) return std::optional<OpenDeadLetter>();
  const DeadLetterKey before{key.conversation_id, {key.origin.partition, key.origin.offset - 1}};
  auto found = store_.open_dead_letters({.conversation_id = key.conversation_id, .after = before, .limit = 1});
  if (!found) return found.error();
  if (found->empty() || found->front().origin != key.origin) return std::optional<OpenDeadLetter>();
  return std::optional(std::move(found->front()));
}

base::Result<bool> OpenDeadLetters::holds_up(const std::string& conversation_id, Position position) {
  if (order_ == DeadLetterOrder::pass || !any()) return false;
  for (auto change = changes_.lower_bound({conversation_id, {position.partition, 0}});
       change != changes_.end() && change->first < DeadLetterKey{conversation_id, position}; ++change) {
    if (change->second && message_service::holds_up(change->second->reason)) return true;
  }
  if (!may_have(conversation_id)) return false;
  const auto oldest = oldest_stored(conversation_id, position.partition);
  if (!oldest) return oldest.error();
  return *oldest != nullptr && (*oldest)->origin < position;
}

// Null when there is none. Skips the letters that the batch changes.
base::Result<const OpenDeadLetter*> OpenDeadLetters::oldest_stored(const std::string& conversation_id,
                                                                   std::int32_t partition) {
  Walk& walk = walks_[{conversation_id, partition}];
  while (true) {
    for (; walk.at < walk.page.size(); ++walk.at) {
      const OpenDeadLetter& letter = walk.page[walk.at];
      const bool counts = letter.origin.partition == partition && message_service::holds_up(letter.reason);
      if (counts && !changes_.contains(letter.key())) return &letter;
    }
    if (walk.last_page) return nullptr;
    if (auto read = next_page(conversation_id, walk); !read) return read.error();
  }
}

base::Result<void> OpenDeadLetters::next_page(const std::string& conversation_id, Walk& walk) {
  OpenDeadLetterQuery query{.conversation_id = conversation_id, .after = {}, .limit = kWalkPage};
  const bool first = walk.page.empty();
  if (!first) query.after = walk.page.back().key();
  auto page = store_.open_dead_letters(query);
  if (!page) return page.error();
  if (first && page->empty()) conversations_.erase(conversation_id);  // none is left
  walk.last_page = page->size() < kWalkPage;
  walk.page = std::move(*page);
  walk.at = 0;
  return {};
}

void OpenDeadLetters::open(const OpenDeadLetter& letter) { changes_[letter.key()] = letter; }

void OpenDeadLetters::committed(const Committed& committed) {
  for (const DeadLetter& letter : committed.dead_letters) {
    if (letter.reason == DeadReason::discarded) continue;
    remember(letter.conversation_id);
    if (!letter.first_position) ++count_;
  }
  count_ -= std::min<std::uint64_t>(count_, committed.closed.size());
  changes_.clear();
  walks_.clear();
}

}  // namespace message_service
