// A hub's method as the dispatcher sees it, and the result of a call.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "runtime/asio_types.h"
#include "signalr/protocol/message.h"

namespace signalr {

class MethodCall;
class Context;

// The outcome of a method: nothing, a value, or a failure whose text the caller sees.
using Outcome = std::variant<NoResult, Value, Failure>;

// The arguments do not fit the method; the caller learns why where details are allowed.
struct BindingError {
  std::string detail;
};

// The caller may not call this.
struct Unauthorized {};

using MethodResult = std::variant<Outcome, BindingError, Unauthorized>;

struct Method {
  // Runs on the shard of the connection that calls. It may throw, see HubException.
  std::function<runtime::Awaitable<MethodResult>(std::shared_ptr<MethodCall>)> run;
  std::size_t uploads = 0;                       // how many streams the client sends along
  bool is_streaming = false;                     // gives its results one by one, by MethodCall::emit()
  std::function<bool(const Context&)> allows{};  // whether a caller may call it; every caller may when empty
};

}  // namespace signalr
