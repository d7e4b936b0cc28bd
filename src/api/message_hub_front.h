// One shard's part of the message hub; private to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "api/message_hub.h"
#include "signalr/hub/hub_connection.h"
#include "signalr/protocol/message.h"

namespace message_service::api {

inline constexpr std::size_t kCatchUpRows = 200;
inline constexpr auto kRoomPause = std::chrono::milliseconds(5);

signalr::HubMessage receive_message(std::string stored_json);

struct MessageHub::Front {
  Front(runtime::Shard& its_shard, const Parts& parts, Deliveries::Hooks hooks)
      : shard(its_shard), deliveries(its_shard, parts.backlog, parts.backlog_limit, std::move(hooks)) {}

  // The number of the connection's life, given when it sends its first message.
  std::uint64_t life_of(signalr::HubConnection& connection) {
    const auto [life, is_new] = lives.try_emplace(&connection, next_life);
    if (is_new) ++next_life;
    return life->second;
  }

  // Null when the connection has ended, or never was here.
  signalr::HubConnection* find(const Sender& sender) {
    const auto life = lives.find(sender.connection);
    return life != lives.end() && life->second == sender.life ? sender.connection : nullptr;
  }

  runtime::Shard& shard;
  signalr::Groups<Subscription> subscriptions;
  Deliveries deliveries;
  std::unordered_map<signalr::HubConnection*, std::uint64_t> lives;  // of the connections that have sent messages
  std::uint64_t next_life = 1;
  std::uint64_t next_ticket = 1;
};

}  // namespace message_service::api
