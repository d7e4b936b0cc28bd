// Announcements in the form in which hub clients get them.
#pragma once

#include <utility>

#include "pipeline/deliver/announcement.h"
#include "signalr/connection/prepared_message.h"

namespace message_service::api {

// Every announcement is one of these.
struct HubAnnouncement final : Announcement {
  HubAnnouncement(std::string its_conversation, std::uint64_t its_sequence, std::size_t its_bytes,
                  signalr::HubMessage its_message)
      : Announcement(std::move(its_conversation), its_sequence, its_bytes), message(std::move(its_message)) {}

  signalr::PreparedMessage message;
};

class HubAnnouncements final : public AnnouncementFactory {
 public:
  std::shared_ptr<Announcement> message(const std::string& conversation_id, std::uint64_t sequence,
                                        std::string json) const override;
  std::shared_ptr<Announcement> rejection(const MessageRejected& rejected) const override;
};

}  // namespace message_service::api
