// A change of who takes part in a conversation: an entry of the conversation's own log, in one numbering with its
// messages. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/conversation.h"

namespace message_service {

struct ParticipantChange {
  enum class Kind : std::uint8_t {
    set,     // adds the person, or gives the person another role
    remove,  // of the person only the id counts
  };
  Kind kind = Kind::set;
  Participant participant;
  bool operator==(const ParticipantChange&) const = default;
};

constexpr std::string_view to_text(ParticipantChange::Kind kind) {
  return kind == ParticipantChange::Kind::set ? "set" : "remove";
}

// A person's place in a conversation after a change.
struct Standing {
  Participant participant;
  bool removed = false;
  std::uint64_t since = 0;  // the sequence at which the person joined or was removed; 0: with the conversation
};

// Everybody who takes part in a conversation, or ever did.
class Standings {
 public:
  explicit Standings(const std::vector<Participant>& made_with) {
    for (const Participant& participant : made_with) put({.participant = participant});
  }

  // The last call for a person counts.
  void put(Standing standing) {
    const auto [place, is_new] = places_.try_emplace(standing.participant.id, all_.size());
    if (is_new) {
      all_.push_back(std::move(standing));
    } else {
      all_[place->second] = std::move(standing);
    }
  }

  // Null: was never in the conversation.
  const Standing* find(const std::string& person_id) const {
    const auto place = places_.find(person_id);
    return place == places_.end() ? nullptr : &all_[place->second];
  }

  // Whether nobody ever was in the conversation.
  bool is_empty() const { return all_.empty(); }

  // In the order in which they first came.
  std::vector<Participant> present() const {
    std::vector<Participant> present;
    for (const Standing& standing : all_) {
      if (!standing.removed) present.push_back(standing.participant);
    }
    return present;
  }

  std::uint64_t last_change = 0;  // the sequence up to which these are the people; 0: there was no change

 private:
  std::vector<Standing> all_;
  std::unordered_map<std::string, std::size_t> places_;  // in all_
};

}  // namespace message_service
