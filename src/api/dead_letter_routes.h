// The operators' routes, POST /admin/dead-letters/{action}, for commands on the machine of a service whose data folder
// no other process can open. A caller must know the token that the service wrote there.
#pragma once

#include <string>
#include <string_view>

#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "pipeline/dead_letters/dead_letter_service.h"

namespace message_service::api {

class DeadLetterRoutes {
 public:
  // The service outlives the routes.
  DeadLetterRoutes(DeadLetterService& service, base::BlockingExecutor blocking, std::string token)
      : service_(service), blocking_(std::move(blocking)), token_(std::move(token)) {}

  void add_to(http::Router& router);

 private:
  runtime::Awaitable<http::Response> answer(http::Exchange& exchange);
  bool knows_token(std::string_view authorization) const;

  DeadLetterService& service_;
  base::BlockingExecutor blocking_;
  const std::string token_;
};

}  // namespace message_service::api
