// An event on its way to the clients, and the credit that it holds until the last client has it.
//
// The transport adds the form that its clients get: it derives from Announcement, and delivery makes announcements
// through AnnouncementFactory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "model/event.h"
#include "model/ids.h"
#include "pipeline/deliver/delivery_credits.h"
#include "tracing/span.h"

namespace message_service {

struct Announcement {
  Announcement(std::string its_conversation, std::uint64_t its_sequence, std::size_t its_bytes)
      : conversation_id(std::move(its_conversation)), sequence(its_sequence), bytes(its_bytes) {}
  virtual ~Announcement() = default;
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

  std::string conversation_id;
  std::uint64_t sequence;        // 0: not a stored message, for every listener
  std::size_t bytes;             // of its JSON; its forms for clients take a few times as much
  ObjectIdBytes rejected{};      // of a rejection: the rejected message
  std::string removed_person{};  // of a change that removes somebody
  DeliveryCredits::Permit permit{};
  tracing::Span span{};  // of the delivery
};

using SharedAnnouncement = std::shared_ptr<const Announcement>;

// Any thread.
class AnnouncementFactory {
 public:
  virtual ~AnnouncementFactory() = default;

  // Of a stored message, from its JSON.
  virtual std::shared_ptr<Announcement> message(const std::string& conversation_id, std::uint64_t sequence,
                                                std::string json) const = 0;
  // Of a stored entry that changes the participants.
  virtual std::shared_ptr<Announcement> change(const Stored& stored, std::string json) const = 0;
  virtual std::shared_ptr<Announcement> rejection(const MessageRejected& rejected) const = 0;
};

// With the person whom the change removes.
inline std::shared_ptr<Announcement> announcement_of_change(const AnnouncementFactory& factory, const Stored& stored,
                                                            std::string json) {
  auto announcement = factory.change(stored, std::move(json));
  const ParticipantChange& change = *stored.message().change;
  if (change.kind == ParticipantChange::Kind::remove) announcement->removed_person = change.participant.id;
  return announcement;
}

}  // namespace message_service
