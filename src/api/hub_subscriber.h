// A hub's connection as delivery sees it. Owned by the message hub until the client disconnects; on its shard's thread.
#pragma once

#include <memory>
#include <utility>

#include "api/hub_announcement.h"
#include "pipeline/deliver/subscriber.h"
#include "signalr/hub/hub_connection.h"

namespace message_service::api {

class HubSubscriber final : public Subscriber {
 public:
  explicit HubSubscriber(std::shared_ptr<signalr::HubConnection> connection) : connection_(std::move(connection)) {}

  void send(const Announcement& announcement) override { connection_->send(message_of(announcement)); }
  bool offer(const Announcement& announcement) override { return connection_->offer(message_of(announcement)); }
  std::size_t egress_bytes() const override { return connection_->egress_bytes(); }
  void close_as_slow() override { connection_->close_as_slow(); }
  bool is_open() const override { return connection_->is_open(); }

 private:
  static const signalr::PreparedMessage& message_of(const Announcement& announcement) {
    return static_cast<const HubAnnouncement&>(announcement).message;
  }

  const std::shared_ptr<signalr::HubConnection> connection_;
};

}  // namespace message_service::api
