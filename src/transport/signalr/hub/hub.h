// A hub: named methods that clients may call, and what happens when a connection comes and goes.
//
// Filled at start, then used from every shard; methods run on the shard of the connection that calls them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "runtime/executors/asio_types.h"
#include "transport/signalr/codec/message.h"

namespace message_service::signalr {

class HubConnection;

// What a method gives back: nothing, a value, or a failure whose text the caller is shown.
using Outcome = std::variant<NoResult, Value, Failure>;

// The arguments do not fit the method; the caller learns how many were expected where details are allowed.
struct BindingError {
  std::string detail;
};
using MethodResult = std::variant<Outcome, BindingError>;

class Hub {
 public:
  using Caller = std::shared_ptr<HubConnection>;
  using Method = std::function<Awaitable<MethodResult>(Caller, std::vector<Value>)>;
  using Hook = std::function<void(const Caller&)>;

  // Names match without regard to case, as in ASP.NET.
  void add(std::string_view name, Method method);
  const Method* find(std::string_view name) const;

  Hook on_connected = [](const Caller&) {};     // the handshake is done
  Hook on_disconnected = [](const Caller&) {};  // called once for each on_connected

 private:
  std::unordered_map<std::string, Method> methods_;  // by lower-case name
};

}  // namespace message_service::signalr
