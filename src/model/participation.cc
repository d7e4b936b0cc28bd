#include "model/participation.h"

namespace message_service {

namespace {

std::optional<std::string> objection_to_change(const Message& entry, const std::optional<Standing>& sender) {
  const ParticipantChange& change = *entry.change;
  const bool takes_part = sender && !sender->removed;
  const bool leaves = change.kind == ParticipantChange::Kind::remove && change.participant.id == entry.sender_id;
  if (takes_part && (leaves || sender->participant.role == Role::owner)) return std::nullopt;
  return "only an owner of the conversation may change who takes part";
}

}  // namespace

std::optional<std::string> objection_to(const Message& entry, const std::optional<Standing>& sender) {
  if (entry.by_back_end) return std::nullopt;
  if (entry.change) return objection_to_change(entry, sender);
  if (!sender) return std::nullopt;
  if (sender->removed) return "the sender was removed from the conversation";
  if (sender->participant.role == Role::reader) return "the sender may only read the conversation";
  return std::nullopt;
}

Standing standing_after(const ParticipantChange& change, const std::optional<Standing>& before,
                        std::uint64_t sequence) {
  const bool takes_part = before && !before->removed;
  if (change.kind == ParticipantChange::Kind::remove) {
    Standing after{.participant = before ? before->participant : change.participant, .removed = true};
    after.since = before && before->removed ? before->since : sequence;
    return after;
  }
  return {.participant = change.participant, .removed = false, .since = takes_part ? before->since : sequence};
}

}  // namespace message_service
