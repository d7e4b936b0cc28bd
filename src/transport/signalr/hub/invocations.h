// One client's calls of a hub: finds and runs the methods, and answers.
//
// Part of the client's connection, on its shard's thread.
#pragma once

#include <functional>
#include <string>

#include "runtime/executors/asio_types.h"
#include "transport/signalr/codec/message.h"
#include "transport/signalr/hub/hub.h"

namespace message_service::signalr {

class Invocations {
 public:
  using Send = std::function<void(const HubMessage&)>;

  Invocations(const Hub& hub, bool detailed_errors, Send send)
      : hub_(hub), detailed_errors_(detailed_errors), send_(std::move(send)) {}

  // Takes the next message of the client. Those that are no business of calls (Ping, Close, Ack, Sequence) are ignored.
  Awaitable<void> take(Hub::Caller caller, HubMessage message);

  // A method runs, and the client cannot be heard meanwhile.
  bool is_busy() const { return busy_; }

 private:
  Awaitable<void> invoke(Hub::Caller caller, Invocation invocation);
  void refuse(const StreamInvocation& invocation);
  void complete(const std::string& invocation_id, Outcome outcome);

  const Hub& hub_;
  const bool detailed_errors_;
  const Send send_;
  bool busy_ = false;
};

}  // namespace message_service::signalr
