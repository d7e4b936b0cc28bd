// The whole service, put together: every part is made in the order in which a message meets it, and stopped in that
// order too, each with its share of the time.
//
// Made, stopped and destroyed by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "service/roles.h"

namespace message_service::service {

class Service {
 public:
  // Runs when it returns. `invalid`, `conflict` and `corrupt` mean that the configuration or the data folder must be
  // put right first.
  static base::Result<std::unique_ptr<Service>> start(const config::Settings& settings, const Roles& roles);

  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Where it listens, as URLs.
  const std::vector<std::string>& urls() const;

  // Takes nothing new, answers what is in flight, stores what is accepted, sends clients away to reconnect.
  void stop();

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::service
