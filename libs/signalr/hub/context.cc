#include "signalr/hub/context.h"

#include <utility>

#include "signalr/hub/hub_connection.h"

namespace signalr {

const std::string& Context::connection_id() const { return connection_->id(); }

const OpeningRequest& Context::request() const { return connection_->opening(); }

runtime::Shard& Context::shard() const { return connection_->shard(); }

Context::Items& Context::items() const { return connection_->calls().items(); }

void Context::abort() const { connection_->close({}, false); }

bool Context::is_open() const { return connection_->is_open(); }

Client Context::client(std::string connection_id) const {
  return Client(*clients_, std::move(connection_id), Client::Asker{.may_ask = permit_ != nullptr, .permit = permit_});
}

Audience Context::all_except(std::vector<std::string> connection_ids) const {
  return clients_->all_except(std::move(connection_ids));
}

Audience Context::clients(std::vector<std::string> connection_ids) const {
  return clients_->clients(std::move(connection_ids));
}

Audience Context::others_in_group(std::string name) const {
  return clients_->group_except(std::move(name), {connection_id()});
}

Audience Context::group_except(std::string name, std::vector<std::string> connection_ids) const {
  return clients_->group_except(std::move(name), std::move(connection_ids));
}

}  // namespace signalr
