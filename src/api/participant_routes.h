// The HTTP API of a conversation's participants: who they are, and the changes, which are entries of the conversation's
// own log. Handlers run on the shard of their connection.
#pragma once

#include <string>

#include "access/conversation_policy.h"
#include "api/admission_control.h"
#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "model/limits.h"
#include "pipeline/versions/version_gate.h"
#include "ports/store_reader.h"

namespace message_service::api {

class ParticipantRoutes {
 public:
  // All but the limits outlive it.
  struct Parts {
    AdmissionControl& admission;
    const access::ConversationPolicy& policy;
    StoreReader& reader;
    VersionGate& gate;
    base::BlockingExecutor blocking;
    Limits limits;
    const MessageTraces& traces = MessageTraces::off();
  };
  explicit ParticipantRoutes(Parts parts) : parts_(std::move(parts)) {}

  void add_to(http::Router& router);

 private:
  using Exchange = http::Exchange;
  using Response = http::Response;

  runtime::Awaitable<Response> list(Exchange& exchange);
  runtime::Awaitable<Response> set(Exchange& exchange);
  runtime::Awaitable<Response> remove(Exchange& exchange);
  runtime::Awaitable<Response> change(Exchange& exchange, const ParticipantChange& change);
  runtime::Awaitable<bool> may_write_changes(runtime::Shard& shard);
  base::Result<void> has_room_for(const std::string& conversation_id, const std::string& person_id);

  Parts parts_;
};

}  // namespace message_service::api
