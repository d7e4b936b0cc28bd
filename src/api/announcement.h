// An event made ready for every client that gets it, and the credit that it takes until the last of them has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "model/ids.h"
#include "pipeline/deliver/delivery_credits.h"
#include "signalr/connection/prepared_message.h"

namespace message_service::api {

struct Announcement {
  Announcement(std::string its_conversation, std::uint64_t its_sequence, std::size_t its_bytes,
               signalr::HubMessage its_message)
      : conversation_id(std::move(its_conversation)),
        sequence(its_sequence),
        bytes(its_bytes),
        message(std::move(its_message)) {}

  std::string conversation_id;
  std::uint64_t sequence;    // 0: not a stored message, for everybody who listens
  std::size_t bytes;         // of its JSON; its forms for clients take a few times that
  ObjectIdBytes rejected{};  // of a rejection: the message that it is about
  signalr::PreparedMessage message;
  DeliveryCredits::Permit permit{};
};

using SharedAnnouncement = std::shared_ptr<const Announcement>;

}  // namespace message_service::api
