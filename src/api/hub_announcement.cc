#include "api/hub_announcement.h"

#include <string_view>

#include "signalr/protocol/message.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::api {

namespace {

signalr::HubMessage invocation(std::string_view target, std::string json) {
  return signalr::Invocation{.target = std::string(target),
                             .arguments = {signalr::Value(signalr::RawJson{std::move(json), wire::kMessageTimes})}};
}

}  // namespace

std::shared_ptr<Announcement> HubAnnouncements::message(const std::string& conversation_id, std::uint64_t sequence,
                                                        std::string json) const {
  const std::size_t bytes = json.size();
  return std::make_shared<HubAnnouncement>(conversation_id, sequence, bytes,
                                           invocation("ReceiveMessage", std::move(json)));
}

std::shared_ptr<Announcement> HubAnnouncements::change(const Stored& stored, std::string json) const {
  const std::size_t bytes = json.size();
  auto made = std::make_shared<HubAnnouncement>(stored.message().conversation_id, stored.sequence(), bytes,
                                                invocation("ParticipantsChanged", wire::changed_json(stored)));
  if (system_entries_) made->entry.emplace(invocation("ReceiveMessage", std::move(json)));
  return made;
}

std::shared_ptr<Announcement> HubAnnouncements::rejection(const MessageRejected& rejected) const {
  std::string json = wire::rejected_json(rejected);
  const std::size_t bytes = json.size();
  auto made = std::make_shared<HubAnnouncement>(rejected.conversation_id, 0, bytes,
                                                invocation("MessageRejected", std::move(json)));
  made->rejected = derive_message_id(rejected.conversation_id, rejected.temporary_message_id);
  return made;
}

}  // namespace message_service::api
