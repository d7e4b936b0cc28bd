// Announcements in the form in which hub clients get them.
#pragma once

#include <optional>
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
  std::optional<signalr::PreparedMessage> entry{};  // of a change, where clients get its entry as a message too
};

class HubAnnouncements final : public AnnouncementFactory {
 public:
  // `system_entries`: clients get a change of participants as a message of the conversation, too.
  explicit HubAnnouncements(bool system_entries) : system_entries_(system_entries) {}

  std::shared_ptr<Announcement> message(const std::string& conversation_id, std::uint64_t sequence,
                                        std::string json) const override;
  std::shared_ptr<Announcement> change(const Stored& stored, std::string json) const override;
  std::shared_ptr<Announcement> rejection(const MessageRejected& rejected) const override;

 private:
  const bool system_entries_;
};

}  // namespace message_service::api
