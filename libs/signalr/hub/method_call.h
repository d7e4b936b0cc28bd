// One call of a hub's method while it runs: the caller, the arguments, and the items of a streaming method.
//
// Shared by the connection's Invocations and the method; on the connection's shard.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "signalr/hub/context.h"
#include "signalr/hub/method.h"
#include "signalr/hub/upload.h"

namespace signalr {

class MethodCall {
 public:
  struct Request {
    const Method& method;
    std::string target;  // as the caller wrote it
    std::string invocation_id;
    std::vector<Value> arguments;
    std::vector<std::shared_ptr<Upload>> uploads;
  };
  MethodCall(Context context, std::shared_ptr<CallPermit> permit, Request request);

  Context& context() { return context_; }
  const Method& method() const { return request_.method; }
  const std::string& target() const { return request_.target; }
  const std::string& invocation_id() const { return request_.invocation_id; }
  std::vector<Value>& arguments() { return request_.arguments; }
  const std::vector<std::shared_ptr<Upload>>& uploads() const { return request_.uploads; }
  CallPermit& permit() { return *permit_; }

  // Sends the next item of a streaming method and waits while the client reads too slowly. False when nobody wants more
  // items.
  runtime::Awaitable<bool> emit(Value item);
  bool has_emitted() const { return has_emitted_; }

  // The client wants no more items, or has disconnected.
  void cancel();
  bool is_cancelled() const { return cancelled_; }
  runtime::Awaitable<void> cancelled();

  // The method has ended; the code that it left running can do no harm.
  void end();

 private:
  Context context_;
  std::shared_ptr<CallPermit> permit_;
  Request request_;
  runtime::Waiters cancelled_waiters_;
  bool cancelled_ = false;
  bool has_emitted_ = false;
};

}  // namespace signalr
