#include "adapters/mongodb/entry_judge.h"

#include <algorithm>
#include <set>

#include "adapters/mongodb/lookups.h"
#include "model/participation.h"

namespace message_service::mongodb {

base::Result<std::vector<EntryJudge::Objection>> EntryJudge::judge(bool changes_exist) {
  if (auto learnt = learn(changes_exist); !learnt) return learnt.error();
  std::vector<Objection> objections;
  if (changes_.empty()) return objections;
  for (std::size_t item = 0; item < call_.items.size(); ++item) {
    if (auto text = objection_to(item)) objections.push_back({item, std::move(*text)});
  }
  return objections;
}

// Reads the changes of the conversations that may have some.
base::Result<void> EntryJudge::learn(bool changes_exist) {
  std::set<std::string> judged;
  std::set<std::string> owned;
  for (std::size_t item = 0; item < call_.items.size(); ++item) {
    const Message& entry = call_.message(item);
    if (entry.change || (changes_exist && !entry.by_back_end)) judged.insert(entry.conversation_id);
    if (entry.change && !entry.by_back_end) owned.insert(entry.conversation_id);
  }
  if (judged.empty()) return {};
  auto found = find_changes(client_, pool_, options_, {judged.begin(), judged.end()});
  if (!found) return found.error();
  changes_ = std::move(*found);
  for (std::size_t item = 0; item < call_.items.size(); ++item) {
    if (call_.message(item).change) changes_[call_.message(item).conversation_id];
  }
  for (const std::string& id : owned) {
    auto conversation = find_conversation(client_, pool_, options_, id);
    if (!conversation && conversation.error().code != base::ErrorCode::corrupt) return conversation.error();
    if (conversation && *conversation) made_with_[id] = std::move((*conversation)->participants);
  }
  return {};
}

std::optional<std::string> EntryJudge::objection_to(std::size_t item) {
  const Message& entry = call_.message(item);
  const auto known = changes_.find(entry.conversation_id);
  if (known == changes_.end()) return std::nullopt;
  std::vector<ChangeEntry>& changes = known->second;
  // A change that is stored already keeps its place, wherever the log repeats it.
  if (entry.change && std::ranges::find(changes, entry.id, &ChangeEntry::id) != changes.end()) return std::nullopt;
  const std::uint64_t sequence = call_.sequences[item];
  const auto made_with = made_with_.find(entry.conversation_id);
  const bool owner_counts = entry.change && made_with != made_with_.end();
  const auto sender = standing_before(sequence, entry.sender_id, changes,
                                      owner_counts ? made_with->second : std::vector<Participant>());
  if (auto text = message_service::objection_to(entry, sender)) return text;
  if (entry.change) {
    const auto place = std::ranges::upper_bound(changes, sequence, {}, &ChangeEntry::sequence);
    changes.insert(place, {sequence, entry.id, *entry.change});
  }
  return std::nullopt;
}

}  // namespace message_service::mongodb
