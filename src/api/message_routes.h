// The HTTP API of messages and conversations (contract, section 2). Handlers run on the shard of their connection.
#pragma once

#include "access/conversation_policy.h"
#include "api/admission_control.h"
#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "model/limits.h"
#include "observe/message_traces.h"
#include "pipeline/accept/ingress.h"
#include "pipeline/conversations/conversation_directory.h"
#include "ports/store.h"
#include "ports/store_reader.h"

namespace message_service::api {

class MessageRoutes {
 public:
  struct Parts {
    AdmissionControl& admission;
    Ingress& ingress;
    ConversationDirectory& conversations;
    const access::ConversationPolicy& policy;
    StoreReader& reader;
    Store& store;
    base::BlockingExecutor blocking;
    Limits limits;
    bool system_entries = false;  // pages hold the changes of participants
    const MessageTraces& traces = MessageTraces::off();
  };
  explicit MessageRoutes(Parts parts) : parts_(std::move(parts)) {}

  void add_to(http::Router& router);

 private:
  using Exchange = http::Exchange;
  using Response = http::Response;

  // Blocks for the store; with the conversation, and the sequence up to which the caller sees nothing.
  template <class T>
  using Reading = std::function<base::Result<T>(const std::string& conversation_id, std::uint64_t visible_after)>;
  template <class T>
  runtime::Awaitable<base::Result<T>> read_as_allowed(Exchange& exchange, Reading<T> read);
  base::Result<Page> visible_page(const std::string& id, PageQuery query, std::uint64_t visible_after);

  // Blocks for the store.
  struct Made {
    Conversation conversation;
    std::string history_id;
  };
  base::Result<Made> create_conversation(const Conversation& wanted);

  runtime::Awaitable<Response> post_message(Exchange& exchange);
  runtime::Awaitable<Response> post_conversation(Exchange& exchange);
  runtime::Awaitable<Response> get_conversation(Exchange& exchange);
  runtime::Awaitable<Response> get_history(Exchange& exchange);
  runtime::Awaitable<Response> get_message(Exchange& exchange);
  runtime::Awaitable<Response> get_by_temporary_id(Exchange& exchange);

  // The state of a message, as its sender may ask for it: stored, rejected, waiting after a dead letter, or not known.
  struct SendState {
    StoreReader::KeyLookup key;
    bool parked = false;
  };
  base::Result<SendState> send_state(const std::string& conversation_id, const std::string& temporary_id);

  Parts parts_;
};

}  // namespace message_service::api
