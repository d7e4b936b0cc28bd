// The view that a hub's method or hook has of its connection, and of the clients that it may send to.
//
// A cheap value that keeps the connection's object alive; used on the connection's shard.
#pragma once

#include <any>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/shard.h"
#include "signalr/connection/opening_request.h"
#include "signalr/hub/call_limiter.h"
#include "signalr/hub/clients.h"

namespace signalr {

class HubConnection;

class Context {
 public:
  using Items = std::unordered_map<std::string, std::any>;

  // Without a permit no client may be asked for a result: the connection's hooks have none.
  Context(std::shared_ptr<HubConnection> connection, const Clients& clients, std::shared_ptr<CallPermit> permit)
      : connection_(std::move(connection)), clients_(&clients), permit_(std::move(permit)) {}

  const std::string& connection_id() const;
  const OpeningRequest& request() const;
  const std::optional<User>& user() const { return request().user; }
  std::string_view transport() const { return transport_name(request().transport); }
  runtime::Shard& shard() const;
  HubConnection& connection() const { return *connection_; }
  const std::shared_ptr<HubConnection>& shared_connection() const { return connection_; }

  // Values that the hub's own code keeps for this connection.
  Items& items() const;

  // Ends the connection after everything that is queued; the client does not reconnect by itself.
  void abort() const;
  bool is_open() const;

  Client caller() const { return client(connection_id()); }
  Client client(std::string connection_id) const;
  Audience others() const { return clients_->all_except({connection_id()}); }
  Audience all() const { return clients_->all(); }
  Audience all_except(std::vector<std::string> connection_ids) const;
  Audience clients(std::vector<std::string> connection_ids) const;
  Audience group(std::string name) const { return clients_->group(std::move(name)); }
  Audience others_in_group(std::string name) const;
  Audience group_except(std::string name, std::vector<std::string> connection_ids) const;
  Audience groups(std::vector<std::string> names) const { return clients_->groups(std::move(names)); }
  Audience user(std::string user_id) const { return clients_->user(std::move(user_id)); }
  Audience users(std::vector<std::string> user_ids) const { return clients_->users(std::move(user_ids)); }

  void join_group(std::string name) const { clients_->add_to_group(connection_id(), std::move(name)); }
  void leave_group(std::string name) const { clients_->remove_from_group(connection_id(), std::move(name)); }

 private:
  std::shared_ptr<HubConnection> connection_;
  const Clients* clients_;
  std::shared_ptr<CallPermit> permit_;
};

}  // namespace signalr
