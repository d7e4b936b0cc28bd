// A client of the hub that is no connection: the last step of a delivery before the transports. One for each shard.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "api/hub_announcement.h"
#include "pipeline/deliver/subscriber.h"

namespace message_service {

class Hearer final : public Subscriber {
 public:
  using Hear = std::function<void(const api::HubAnnouncement&)>;  // quick; on the shard's thread

  explicit Hearer(Hear hear) : hear_(std::move(hear)) {}

  void send(const Announcement& announcement) override {
    hear_(static_cast<const api::HubAnnouncement&>(announcement));
  }
  bool offer(const Announcement& announcement) override {
    send(announcement);
    return true;
  }
  std::size_t egress_bytes() const override { return 0; }
  void close_as_slow() override {}
  bool is_open() const override { return true; }
  std::string person() const override { return {}; }
  void removed_from(const std::string& /*conversation_id*/) override {}

 private:
  const Hear hear_;
};

}  // namespace message_service
