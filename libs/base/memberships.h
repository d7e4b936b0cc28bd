// Records which member belongs to which group, with a state for each membership. It knows members by their address and
// never dereferences them: call remove_all() for a member before the member is destroyed. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/keyed_hash.h"

namespace base {

template <class Member, class State>
class Memberships {
 public:
  using Members = std::unordered_map<Member*, State>;

  // The state of the membership; add() makes it when it is missing.
  struct Added {
    State& state;
    bool is_new_member;
  };
  Added add(const std::string& group, Member& member) {
    const auto [at, is_new] = groups_[group].try_emplace(&member);
    if (is_new) of_member_[&member].insert(group);
    return {at->second, is_new};
  }

  // Returns null when `member` is not in the group.
  State* find(const std::string& group, Member& member) {
    const auto at = groups_.find(group);
    if (at == groups_.end()) return nullptr;
    const auto found = at->second.find(&member);
    return found == at->second.end() ? nullptr : &found->second;
  }

  // Returns null when the group has no members.
  Members* members(const std::string& group) {
    const auto at = groups_.find(group);
    return at == groups_.end() ? nullptr : &at->second;
  }

  // All groups, by name.
  std::unordered_map<std::string, Members, base::KeyedHash, std::equal_to<>>& all() { return groups_; }

  std::size_t groups_of(Member& member) const {
    const auto at = of_member_.find(&member);
    return at == of_member_.end() ? 0 : at->second.size();
  }

  std::vector<std::string> names_of(Member& member) const {
    const auto at = of_member_.find(&member);
    if (at == of_member_.end()) return {};
    return {at->second.begin(), at->second.end()};
  }

  bool remove(const std::string& group, Member& member) {
    const auto at = groups_.find(group);
    if (at == groups_.end() || at->second.erase(&member) == 0) return false;
    if (at->second.empty()) groups_.erase(at);
    const auto of = of_member_.find(&member);
    of->second.erase(group);
    if (of->second.empty()) of_member_.erase(of);
    return true;
  }

  // Returns the groups that `member` was in.
  std::unordered_set<std::string> remove_all(Member& member) {
    auto node = of_member_.extract(&member);
    if (!node) return {};
    for (const std::string& group : node.mapped()) {
      const auto at = groups_.find(group);
      at->second.erase(&member);
      if (at->second.empty()) groups_.erase(at);
    }
    return std::move(node.mapped());
  }

 private:
  std::unordered_map<std::string, Members, base::KeyedHash, std::equal_to<>> groups_;
  std::unordered_map<Member*, std::unordered_set<std::string>> of_member_;
};

}  // namespace base
