// How many connections of this node listen to each conversation: the fan-out skips the conversations without any. Any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/keyed_hash.h"

namespace message_service {

class ListenedConversations {
 public:
  void add(const std::string& id);
  void remove(const std::string& id);
  bool contains(std::string_view id) const;

 private:
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::size_t, base::KeyedHash, std::equal_to<>> counts;
  };
  const Part& part_of(std::string_view id) const { return parts_[base::keyed_hash(id) % parts_.size()]; }
  Part& part_of(std::string_view id) { return parts_[base::keyed_hash(id) % parts_.size()]; }

  std::array<Part, 16> parts_;
};

inline void ListenedConversations::add(const std::string& id) {
  Part& part = part_of(id);
  const std::scoped_lock lock(part.mutex);
  ++part.counts[id];
}

inline void ListenedConversations::remove(const std::string& id) {
  Part& part = part_of(id);
  const std::scoped_lock lock(part.mutex);
  const auto found = part.counts.find(id);
  if (found != part.counts.end() && --found->second == 0) part.counts.erase(found);
}

inline bool ListenedConversations::contains(std::string_view id) const {
  const Part& part = part_of(id);
  const std::scoped_lock lock(part.mutex);
  return part.counts.contains(id);
}

}  // namespace message_service
