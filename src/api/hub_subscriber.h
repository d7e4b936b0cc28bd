// A hub's connection as delivery sees it. Owned by the message hub until the client disconnects; on its shard's thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "access/identity.h"
#include "api/hub_announcement.h"
#include "base/json_object_writer.h"
#include "pipeline/deliver/subscriber.h"
#include "signalr/hub/hub_connection.h"

namespace message_service::api {

// As the client's newest token says. Null while sign-in is off.
inline access::SharedIdentity identity_of(const signalr::HubConnection& client) {
  return std::static_pointer_cast<const access::Identity>(client.opening().principal);
}

class HubSubscriber final : public Subscriber {
 public:
  explicit HubSubscriber(std::shared_ptr<signalr::HubConnection> connection) : connection_(std::move(connection)) {}

  void send(const Announcement& announcement) override {
    connection_->send(message_of(announcement));
    send_entry(announcement);
  }
  bool offer(const Announcement& announcement) override {
    if (!connection_->offer(message_of(announcement))) return false;
    send_entry(announcement);
    return true;
  }
  std::size_t egress_bytes() const override { return connection_->egress_bytes(); }
  void close_as_slow() override { connection_->close_as_slow(); }
  bool is_open() const override { return connection_->is_open(); }
  std::string person() const override {
    const access::SharedIdentity identity = identity_of(*connection_);
    return identity ? identity->subject : std::string();
  }
  void removed_from(const std::string& conversation_id) override {
    std::string json;
    base::JsonObjectWriter(json).string("conversationId", conversation_id).close();
    connection_->send(signalr::Invocation{.target = "RemovedFromConversation",
                                          .arguments = {signalr::Value(signalr::RawJson{std::move(json)})}});
  }

 private:
  static const signalr::PreparedMessage& message_of(const Announcement& announcement) {
    return static_cast<const HubAnnouncement&>(announcement).message;
  }
  void send_entry(const Announcement& announcement) {
    const auto& entry = static_cast<const HubAnnouncement&>(announcement).entry;
    if (entry) connection_->send(*entry);
  }

  const std::shared_ptr<signalr::HubConnection> connection_;
};

}  // namespace message_service::api
