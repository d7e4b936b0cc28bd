// The whole service, put together: it makes every part in the order in which a message meets it, and stops the parts in
// that order too, each with its share of the time.
//
// One thread makes, stops and destroys it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "runtime/shard.h"
#include "service/roles.h"

namespace message_service::service {

class Service {
 public:
  // The service runs when start() returns. `invalid`, `conflict` and `corrupt` mean that the configuration or the data
  // folder must be put right first.
  static base::Result<std::unique_ptr<Service>> start(const config::Settings& settings, const Roles& roles);

  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // The URLs on which the service listens.
  const std::vector<std::string>& urls() const;

  // They run until stop() returns.
  const runtime::Shards& shards() const;

  // Takes over what may change while the service runs, see takes_while_running(), and reads certificates and keys
  // again.
  void reload(const config::Settings& settings);

  // Is not ready for Shutdown:DelayMs. Then takes no new requests, answers the requests in flight, stores the accepted
  // messages, sends clients away to reconnect.
  void stop();

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::service
