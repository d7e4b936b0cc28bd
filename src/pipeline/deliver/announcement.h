// An event on its way to the clients, and the credit that it takes until the last of them has it.
//
// The transport adds the form in which its clients get it: it derives from Announcement, and delivery makes them
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

namespace message_service {

struct Announcement {
  Announcement(std::string its_conversation, std::uint64_t its_sequence, std::size_t its_bytes)
      : conversation_id(std::move(its_conversation)), sequence(its_sequence), bytes(its_bytes) {}
  virtual ~Announcement() = default;
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

  std::string conversation_id;
  std::uint64_t sequence;    // 0: not a stored message, for everybody who listens
  std::size_t bytes;         // of its JSON; its forms for clients take a few times that
  ObjectIdBytes rejected{};  // of a rejection: the message that it is about
  DeliveryCredits::Permit permit{};
};

using SharedAnnouncement = std::shared_ptr<const Announcement>;

// Any thread.
class AnnouncementFactory {
 public:
  virtual ~AnnouncementFactory() = default;

  // Of a stored message, by its JSON.
  virtual std::shared_ptr<Announcement> message(const std::string& conversation_id, std::uint64_t sequence,
                                                std::string json) const = 0;
  virtual std::shared_ptr<Announcement> rejection(const MessageRejected& rejected) const = 0;
};

}  // namespace message_service
