// One client's calls of a hub, and the hub's calls of the client: finds and runs the methods in their order, answers
// the calls, and takes the items, cancellations and results that the client sends for running calls.
//
// Part of the client's connection, on its shard's thread. The connection calls begin(), take() for each message, and
// end(); none of its work runs after end() has returned.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/asio_types.h"
#include "signalr/hub/call_limiter.h"
#include "signalr/hub/client_results.h"
#include "signalr/hub/hub.h"
#include "signalr/hub/method_call.h"
#include "signalr/protocol/message.h"

namespace signalr {

struct CallOptions {
  bool detailed_errors = false;       // send internal errors to clients; hub exceptions are always sent
  std::size_t at_once = 1;            // calls of one client that run at the same time; streams are extra
  std::size_t streams_max = 100;      // of one client, in both directions together
  std::size_t upload_items_max = 10;  // that wait in one stream; beyond them the client is not read
};

class Invocations {
 public:
  Invocations(HubConnection& client, const Hub& hub, const CallOptions& options);

  // Called after the handshake: runs the hub's hook. If the hook fails, closes the connection and returns false.
  runtime::Awaitable<bool> begin();

  // Takes the next message of the client. Ignores the messages that do not belong to calls (Ping, Close, Ack,
  // Sequence). Resumes when the next message may be read: a call has its permit, an uploaded item has its place.
  runtime::Awaitable<void> take(HubMessage message);

  // The client has brought a new token: runs the hub's hook. A connection whose hook fails is closed: nobody has looked
  // at its rights.
  runtime::Awaitable<void> renewed();

  // No message can arrive any more: streams end, and every wait for the client ends. end() also waits until every
  // method has ended, and runs the hub's hook if begin() was true; an empty error means a graceful end.
  void cancel();
  runtime::Awaitable<void> end(std::string error);

  // A message is being taken; meanwhile the client's messages are not read.
  bool is_busy() const { return busy_; }

  // Calls a method of the client; `done` gets its answer, on this shard.
  void ask(Invocation invocation, std::chrono::milliseconds timeout, ClientResults::Done done);

  Context::Items& items() { return items_; }
  const Hub& hub() const { return hub_; }

 private:
  struct Incoming;
  class Running;

  runtime::Awaitable<void> invoke(Incoming incoming);
  std::string refusal(const Incoming& incoming, const Method* method) const;
  bool is_allowed(const Method& method) const;
  std::vector<std::shared_ptr<Upload>> open_uploads(const std::vector<std::string>& stream_ids);
  runtime::Awaitable<void> run(std::shared_ptr<MethodCall> call, std::vector<std::string> stream_ids);
  Outcome outcome_of(const MethodCall& call, MethodResult result) const;
  static std::string failed(const MethodCall& call, const std::string& detail);
  void complete(const std::string& invocation_id, Outcome outcome);
  void finish(Completion& completion);
  void cancel_streams();
  std::string disconnected_text() const;

  HubConnection& client_;
  const Hub& hub_;
  const CallOptions options_;

  CallLimiter limiter_;
  runtime::Waiters idle_;    // end() waits here for the last method to end
  std::size_t running_ = 0;  // methods
  bool busy_ = false;
  bool cancelled_ = false;
  bool is_connected_ = false;  // the hub's hook has let the client in

  std::unordered_map<std::string, std::shared_ptr<MethodCall>> streams_;  // to the client, by invocation id
  std::unordered_map<std::string, std::shared_ptr<Upload>> uploads_;      // from the client, by stream id
  ClientResults results_;
  Context::Items items_;
};

}  // namespace signalr
