#include "signalr/hub/clients.h"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <unordered_set>

#include "base/keyed_hash.h"
#include "runtime/await_callback.h"
#include "signalr/hub/call_limiter.h"
#include "signalr/hub/groups.h"
#include "signalr/hub/hub_connection.h"

namespace signalr {

namespace {

struct Nothing {};

using Connections = std::unordered_set<HubConnection*>;

// Runs `work` on the connection's own thread. The connection is also destroyed there if this was its last holder.
template <class Work>
void on_shard_of(std::shared_ptr<HubConnection> connection, Work work) {
  const runtime::Executor executor = connection->shard().executor();
  boost::asio::dispatch(executor,
                        [connection = std::move(connection), work = std::move(work)]() mutable { work(*connection); });
}

// Most users have one connection, so a set of each would cost more than all else that is kept of a user.
using Users = std::unordered_map<std::string, std::vector<HubConnection*>, base::KeyedHash, std::equal_to<>>;

Connections connections_of(const Users& users, const std::vector<std::string>& ids) {
  Connections all;
  for (const std::string& id : ids) {
    const auto user = users.find(id);
    if (user != users.end()) all.insert(user->second.begin(), user->second.end());
  }
  return all;
}

Connections members_of(Groups<Nothing>& groups, const std::vector<std::string>& names) {
  Connections all;
  for (const std::string& name : names) {
    if (auto* members = groups.members(name)) {
      for (const auto& [member, nothing] : *members) all.insert(member);
    }
  }
  return all;
}

}  // namespace

// One shard's clients; touched on its thread only.
struct Clients::Front {
  explicit Front(runtime::Shard& its_shard) : shard(its_shard) {}

  void send(const Address& address, const PreparedMessage& message) {
    switch (address.kind) {
      case Address::Kind::all:
        return send_to(connections, address, message);
      case Address::Kind::groups:
        return send_to(members_of(groups, address.names), address, message);
      case Address::Kind::users:
        return send_to(connections_of(users, address.names), address, message);
      case Address::Kind::connections:
        return;  // looked up by Clients
    }
  }

  void remove_from_user(const std::string& id, HubConnection& connection) {
    const auto user = users.find(id);
    if (user == users.end()) return;
    std::erase(user->second, &connection);
    if (user->second.empty()) users.erase(user);
  }

  static void send_to(const Connections& members, const Address& address, const PreparedMessage& message) {
    for (HubConnection* member : members) {
      if (std::ranges::find(address.except, member->id()) == address.except.end()) member->send(message);
    }
  }

  runtime::Shard& shard;
  Connections connections;
  Groups<Nothing> groups;
  Users users;
};

void Audience::send_message(HubMessage message) const {
  clients_->send(address_, std::make_shared<const PreparedMessage>(std::move(message)));
}

void Client::send_message(HubMessage message) const {
  clients_->send({.kind = Address::Kind::connections, .names = {connection_id_}},
                 std::make_shared<const PreparedMessage>(std::move(message)));
}

runtime::Awaitable<base::Result<Value>> Client::ask(Client client, Invocation invocation) {
  if (!client.asker_.may_ask) {
    co_return base::Error{base::ErrorCode::refused,
                          "Client results inside OnConnectedAsync Hub methods are not allowed."};
  }
  auto connection = client.clients_->find(client.connection_id_);
  if (!connection) {
    co_return base::Error{base::ErrorCode::not_found, "Connection '" + client.connection_id_ + "' does not exist."};
  }
  if (client.asker_.permit) client.asker_.permit->lend();
  const auto start = [&](auto done) {
    on_shard_of(std::move(connection),
                [invocation = std::move(invocation), timeout = client.timeout_, done](HubConnection& there) mutable {
                  there.calls().ask(std::move(invocation), timeout, std::move(done));
                });
  };
  base::Result<Value> answer = co_await runtime::await_callback<base::Result<Value>>(start);
  if (client.asker_.permit) co_await client.asker_.permit->take_again();
  co_return answer;
}

Clients::Clients() = default;
Clients::~Clients() = default;

Audience Clients::all_except(std::vector<std::string> connection_ids) const {
  return {*this, {.kind = Address::Kind::all, .except = std::move(connection_ids)}};
}

Audience Clients::clients(std::vector<std::string> connection_ids) const {
  return {*this, {.kind = Address::Kind::connections, .names = std::move(connection_ids)}};
}

Audience Clients::group_except(std::string name, std::vector<std::string> connection_ids) const {
  return {*this, {.kind = Address::Kind::groups, .names = {std::move(name)}, .except = std::move(connection_ids)}};
}

Audience Clients::groups(std::vector<std::string> names) const {
  return {*this, {.kind = Address::Kind::groups, .names = std::move(names)}};
}

Audience Clients::users(std::vector<std::string> user_ids) const {
  return {*this, {.kind = Address::Kind::users, .names = std::move(user_ids)}};
}

Clients::Front& Clients::front_of(HubConnection& connection) const {
  const std::scoped_lock lock(mutex_);
  const std::size_t index = connection.shard().index();
  if (fronts_.size() <= index) fronts_.resize(index + 1);
  if (!fronts_[index]) fronts_[index] = std::make_unique<Front>(connection.shard());
  return *fronts_[index];
}

std::shared_ptr<HubConnection> Clients::find(const std::string& connection_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(connection_id);
  return found == by_id_.end() ? nullptr : found->second.lock();
}

void Clients::add(const std::shared_ptr<HubConnection>& connection) const {
  Front& front = front_of(*connection);
  front.connections.insert(connection.get());
  if (const auto& user = connection->opening().user) front.users[user->id].push_back(connection.get());
  const std::scoped_lock lock(mutex_);
  by_id_.emplace(connection->id(), connection);
}

void Clients::remove(HubConnection& connection) const {
  Front& front = front_of(connection);
  front.connections.erase(&connection);
  front.groups.remove_all(connection);
  if (const auto& user = connection.opening().user) front.remove_from_user(user->id, connection);
  const std::scoped_lock lock(mutex_);
  by_id_.erase(connection.id());
}

void Clients::add_to_group(const std::string& connection_id, std::string group) const {
  auto connection = find(connection_id);
  if (!connection) return;
  on_shard_of(std::move(connection), [this, group = std::move(group)](HubConnection& member) {
    Front& front = front_of(member);
    if (front.connections.contains(&member)) front.groups.add(group, member);
  });
}

void Clients::remove_from_group(const std::string& connection_id, std::string group) const {
  auto connection = find(connection_id);
  if (!connection) return;
  on_shard_of(std::move(connection), [this, group = std::move(group)](HubConnection& member) {
    front_of(member).groups.remove(group, member);
  });
}

void Clients::send(const Address& address, const std::shared_ptr<const PreparedMessage>& message) const {
  if (address.kind == Address::Kind::connections) return send_to_connections(address, message);
  std::vector<Front*> fronts;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& front : fronts_) {
      if (front) fronts.push_back(front.get());
    }
  }
  const auto shared_address = std::make_shared<const Address>(address);
  for (Front* front : fronts) {
    boost::asio::dispatch(front->shard.executor(),
                          [front, shared_address, message] { front->send(*shared_address, *message); });
  }
}

void Clients::send_to_connections(const Address& address, const std::shared_ptr<const PreparedMessage>& message) const {
  std::unordered_set<std::string_view> sent;
  for (const std::string& id : address.names) {
    auto connection = sent.insert(id).second ? find(id) : nullptr;
    if (!connection) continue;
    on_shard_of(std::move(connection), [message](HubConnection& member) { member.send(*message); });
  }
}

}  // namespace signalr
