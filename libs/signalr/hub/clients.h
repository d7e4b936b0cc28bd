// The clients of a hub, on every shard: all, some, or the clients of a group or of a user. A message is serialised once
// for each protocol, however many clients get it.
//
// Clients belongs to its Hub and lives as long; any thread may use it. On the sender's shard a message is queued at
// once, so a method's messages arrive before the method's answer; to other shards the message is posted. The actions of
// one thread, joining groups included, take effect in the order in which the thread does them.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/asio_types.h"
#include "signalr/hub/convert.h"
#include "signalr/hub/hub_exception.h"
#include "signalr/protocol/message.h"

namespace signalr {

class Clients;
class HubConnection;
class PreparedMessage;
class CallPermit;

struct Address {
  enum class Kind { all, connections, groups, users };
  Kind kind = Kind::all;
  std::vector<std::string> names{};   // of the connections, groups or users
  std::vector<std::string> except{};  // ids of connections that are left out
};

// A set of clients to send to. A client that is in it twice gets a message once. Cheap to make; any thread.
class Audience {
 public:
  Audience(const Clients& clients, Address address) : clients_(&clients), address_(std::move(address)) {}

  template <class... Arguments>
  void send(std::string_view target, const Arguments&... arguments) const {
    send_message(Invocation{.target = std::string(target), .arguments = {to_value(arguments)...}});
  }
  void send_message(HubMessage message) const;

 private:
  const Clients* clients_;
  Address address_;
};

// One client, to send to and to ask. Any thread.
class Client {
 public:
  // The place that asks: a method lends its permit to further calls while it waits.
  struct Asker {
    bool may_ask = true;
    std::shared_ptr<CallPermit> permit{};
  };
  Client(const Clients& clients, std::string connection_id, Asker asker)
      : clients_(&clients), connection_id_(std::move(connection_id)), asker_(std::move(asker)) {}

  template <class... Arguments>
  void send(std::string_view target, const Arguments&... arguments) const {
    send_message(call(target, arguments...));
  }
  void send_message(HubMessage message) const;

  // Stops waiting for an answer after this time; without a timeout only the end of the connection ends the wait.
  Client within(std::chrono::milliseconds timeout) const {
    Client limited = *this;
    limited.timeout_ = timeout;
    return limited;
  }

  // Calls a method of the client and waits for its result. Throws HubException with the text of the error, from the
  // client or from the way to it.
  template <class T = void, class... Arguments>
  runtime::Awaitable<T> invoke(std::string_view target, const Arguments&... arguments) const {
    return value_or_throw<T>(try_invoke<T>(target, arguments...));
  }

  // The same with the error as a value: `not_found` when there is no such connection, `unknown` when the connection
  // ended or the time ran out, `refused` with the client's own words.
  template <class T = void, class... Arguments>
  runtime::Awaitable<base::Result<T>> try_invoke(std::string_view target, const Arguments&... arguments) const {
    return converted<T>(ask(*this, call(target, arguments...)));
  }

 private:
  template <class... Arguments>
  static Invocation call(std::string_view target, const Arguments&... arguments) {
    return Invocation{.target = std::string(target), .arguments = {to_value(arguments)...}};
  }

  static runtime::Awaitable<base::Result<Value>> ask(Client client, Invocation invocation);

  template <class T>
  static runtime::Awaitable<base::Result<T>> converted(runtime::Awaitable<base::Result<Value>> answering) {
    base::Result<Value> answer = co_await std::move(answering);
    if (!answer) co_return answer.error();
    if constexpr (std::is_void_v<T>) {
      co_return base::Result<void>();
    } else {
      T value{};
      const bool fits = from_value(*answer, value);
      if (!fits) co_return base::Error{base::ErrorCode::refused, "The client's result is not of the expected type."};
      co_return value;
    }
  }

  template <class T>
  static runtime::Awaitable<T> value_or_throw(runtime::Awaitable<base::Result<T>> answering) {
    base::Result<T> answer = co_await std::move(answering);
    if (!answer) throw HubException(answer.error().text);
    if constexpr (!std::is_void_v<T>) co_return std::move(*answer);
  }

  const Clients* clients_;
  std::string connection_id_;
  Asker asker_;
  std::chrono::milliseconds timeout_{0};
};

class Clients {
 public:
  Clients();
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  Audience all() const { return {*this, {}}; }
  Audience all_except(std::vector<std::string> connection_ids) const;
  Audience clients(std::vector<std::string> connection_ids) const;
  Audience group(std::string name) const { return groups({std::move(name)}); }
  Audience group_except(std::string name, std::vector<std::string> connection_ids) const;
  Audience groups(std::vector<std::string> names) const;
  Audience user(std::string user_id) const { return users({std::move(user_id)}); }
  Audience users(std::vector<std::string> user_ids) const;
  Client client(std::string connection_id) const { return {*this, std::move(connection_id), {}}; }

  // The first member creates a group, and the group is removed with its last one. A client that disconnects is removed
  // from its groups. Nothing happens when there is no such connection.
  void add_to_group(const std::string& connection_id, std::string group) const;
  void remove_from_group(const std::string& connection_id, std::string group) const;

  void send(const Address& address, const std::shared_ptr<const PreparedMessage>& message) const;

  // Null when there is none.
  std::shared_ptr<HubConnection> find(const std::string& connection_id) const;

  // A client connects or disconnects. Called on its shard, by its connection.
  void add(const std::shared_ptr<HubConnection>& connection) const;
  void remove(HubConnection& connection) const;

 private:
  struct Front;
  Front& front_of(HubConnection& connection) const;
  void send_to_connections(const Address& address, const std::shared_ptr<const PreparedMessage>& message) const;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Front>> fronts_;  // by shard index; null until the shard has a client
  mutable std::unordered_map<std::string, std::weak_ptr<HubConnection>> by_id_;
};

}  // namespace signalr
