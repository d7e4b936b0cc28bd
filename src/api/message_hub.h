// The hub of messages (contract, section 4): its methods, on top of accept and delivery.
//
// Construct after Shards and before they run. Destroy after Shards have stopped. Everything about one connection
// happens on its shard.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/conversation_policy.h"
#include "access/rate_limits.h"
#include "api/admission_control.h"
#include "api/hub_subscriber.h"
#include "model/limits.h"
#include "observe/message_traces.h"
#include "pipeline/deliver/delivery.h"
#include "pipeline/views/view_verifier.h"
#include "runtime/shard.h"
#include "signalr/hub/hub.h"

namespace message_service::api {

class MessageHub {
 public:
  struct Options {
    Limits limits;
    // When the service stops, each client is told to wait for a random part of this before it connects again.
    std::chrono::milliseconds reconnect_within;
  };

  // All but `options` outlive it.
  MessageHub(const runtime::Shards& shards, AdmissionControl& admission, Delivery& delivery,
             const access::ConversationPolicy& policy, access::RateLimits& rate_limits, ViewVerifier& views,
             const MessageTraces& traces, const Options& options);

  const signalr::Hub& hub() const { return hub_; }

 private:
  struct JoinRequest;
  using Caller = signalr::Hub::Caller;
  using Values = std::vector<signalr::Value>;
  using Subscribers = std::unordered_map<const signalr::HubConnection*, std::shared_ptr<HubSubscriber>>;

  std::optional<signalr::MethodResult> check_conversation_id(const std::string& id) const;
  runtime::Awaitable<signalr::MethodResult> join(Caller caller, Values arguments);
  runtime::Awaitable<base::Result<ShardDelivery::Joined>> join_as_allowed(Caller caller, const JoinRequest& request);
  base::Result<ShardDelivery::Permission> permission_of(const access::SharedIdentity& identity,
                                                        const std::string& conversation_id) const;
  runtime::Awaitable<signalr::MethodResult> leave(Caller caller, Values arguments);
  runtime::Awaitable<signalr::MethodResult> send(Caller caller, Values arguments);

  runtime::Awaitable<signalr::MethodResult> report_view(Caller caller, Values arguments);

  // Makes the subscriber if it is missing.
  const std::shared_ptr<HubSubscriber>& subscriber_of(const Caller& caller);
  void forget(signalr::HubConnection& connection);
  void say_farewell(signalr::HubConnection& connection) const;
  runtime::Awaitable<void> leave_what_is_forbidden(Caller caller);

  AdmissionControl& admission_;
  Delivery& delivery_;
  const access::ConversationPolicy& policy_;
  access::RateLimits& rate_limits_;
  ViewVerifier& views_;
  const MessageTraces& traces_;
  const Options options_;
  signalr::Hub hub_;
  std::vector<Subscribers> subscribers_;  // by shard, each on its shard's thread
};

}  // namespace message_service::api
