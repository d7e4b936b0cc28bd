// The operators' routes, POST /admin/dead-letters/{action}, for commands on the machine of a service whose data folder
// nobody else can open. Whoever asks must know the token that the service wrote there.
#pragma once

#include <string>
#include <string_view>

#include "api/dead_letter_desk.h"
#include "base/blocking_executor.h"
#include "http/routing/router.h"

namespace message_service::api {

class DeadLetterRoutes {
 public:
  // The desk outlives the routes.
  DeadLetterRoutes(DeadLetterDesk& desk, base::BlockingExecutor blocking, std::string token)
      : desk_(desk), blocking_(std::move(blocking)), token_(std::move(token)) {}

  void add_to(http::Router& router);

 private:
  runtime::Awaitable<http::Response> answer(http::Exchange& exchange);
  bool knows_token(std::string_view authorization) const;

  DeadLetterDesk& desk_;
  base::BlockingExecutor blocking_;
  const std::string token_;
};

}  // namespace message_service::api
