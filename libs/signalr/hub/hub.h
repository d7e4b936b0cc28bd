// A hub: named methods that clients may call, and hooks for connections that open and end.
//
//   Hub hub;
//   hub.on("Add", [](int a, int b) { return a + b; });
//   hub.on("Say", [](const Context& context, const std::string& text) { context.all().send("Said", text); });
//
// Fill it at start; after that every shard uses it and nothing changes it. It outlives the endpoint that serves it.
// Methods run on the shard of the connection that calls them, so they must not block: they await slow work. Names match
// without regard to case, as in ASP.NET.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/asio_types.h"
#include "signalr/hub/bind.h"
#include "signalr/hub/clients.h"
#include "signalr/hub/context.h"
#include "signalr/hub/method.h"

namespace signalr {

class Hub {
 public:
  // Calls the next filter, or the method after the last filter.
  using Next = std::function<runtime::Awaitable<MethodResult>()>;
  using Filter = std::function<runtime::Awaitable<MethodResult>(MethodCall&, const Next&)>;
  using Policy = std::function<bool(const Context&)>;

  // Adds a method from a C++ function (bind.h lists what it may take and return), or from an object's member function.
  // The method may be given a policy: a caller that the policy does not allow gets the error that it is not authorised.
  template <class Function>
  Method& on(std::string_view name, Function function) {
    return add(name, detail::bind(std::move(function)));
  }
  template <class Object, class Class, class Member>
  Method& on(std::string_view name, Object& object, Member Class::*member) {
    return add(name, detail::bind_member(object, member));
  }

  // Adds a method that takes its arguments unconverted.
  using Caller = std::shared_ptr<HubConnection>;
  using PlainMethod = std::function<runtime::Awaitable<MethodResult>(Caller, std::vector<Value>)>;
  Method& add(std::string_view name, PlainMethod method);
  Method& add(std::string_view name, Method method);

  // Wraps every call; the first filter is the outermost.
  void add_filter(Filter filter) { filters_.push_back(std::move(filter)); }

  // Called after the handshake: a function of (const Context&). When it throws, the connection is closed with an error.
  template <class Function>
  void on_connected(Function function) {
    connected_ = [function = std::move(function)](const Context& context, const std::string& /*error*/) {
      return run_hook(function, context);
    };
  }
  // Called once for each connection that on_connected() let in, after its last method has ended: a function of (const
  // Context&), or of (const Context&, const std::string& error), where an empty error means a graceful end.
  template <class Function>
  void on_disconnected(Function function) {
    disconnected_ = [function = std::move(function)](const Context& context, const std::string& error) {
      if constexpr (std::is_invocable_v<const Function&, const Context&, const std::string&>) {
        return run_hook(function, context, error);
      } else {
        return run_hook(function, context);
      }
    };
  }

  // Called after a client has brought a new token of the same user: a function of (const Context&).
  template <class Function>
  void on_renewed(Function function) {
    renewed_ = [function = std::move(function)](const Context& context, const std::string& /*error*/) {
      return run_hook(function, context);
    };
  }

  // Called for each client before it is asked to reconnect because the server stops, for a last word to it.
  void on_draining(std::function<void(HubConnection&)> function) { draining_ = std::move(function); }

  // The connected clients, to send to from anywhere.
  const Clients& clients() const { return clients_; }

  std::vector<std::string> method_names() const;  // in lower case and in the order of the alphabet

  // For the connections. Null when there is no such method.
  const Method* find(std::string_view name) const;
  runtime::Awaitable<MethodResult> run(const std::shared_ptr<MethodCall>& call) const;
  runtime::Awaitable<void> connected(const Context& context) const;
  runtime::Awaitable<void> disconnected(const Context& context, const std::string& error) const;
  runtime::Awaitable<void> renewed(const Context& context) const;
  void draining(HubConnection& connection) const { draining_(connection); }

 private:
  using Hook = std::function<runtime::Awaitable<void>(const Context&, const std::string&)>;

  template <class Function, class... Arguments>
  static runtime::Awaitable<void> run_hook(const Function& function, const Arguments&... arguments) {
    using Returned = std::invoke_result_t<const Function&, const Arguments&...>;
    if constexpr (std::is_void_v<Returned>) {
      function(arguments...);
      co_return;
    } else {
      co_await function(arguments...);
    }
  }

  runtime::Awaitable<MethodResult> run_from(std::size_t filter, std::shared_ptr<MethodCall> call) const;

  std::unordered_map<std::string, Method> methods_;  // by lower-case name
  std::vector<Filter> filters_;
  Hook connected_;
  Hook disconnected_;
  Hook renewed_;
  std::function<void(HubConnection&)> draining_ = [](HubConnection&) {};
  Clients clients_;
};

}  // namespace signalr
