// The operators' routes, POST /admin/dead-letters/{action}, for commands on the machine of a service whose data folder
// nobody else can open. Whoever asks must know the token that the service wrote there.
#pragma once

#include <string>
#include <string_view>

#include "base/blocking_executor.h"
#include "transport/api/dead_letter_desk.h"
#include "transport/http/routes/router.h"

namespace message_service::api {

class DeadLetterRoutes {
 public:
  // The desk outlives the routes.
  DeadLetterRoutes(DeadLetterDesk& desk, BlockingExecutor blocking, std::string token)
      : desk_(desk), blocking_(std::move(blocking)), token_(std::move(token)) {}

  void add_to(http::Router& router);

 private:
  Awaitable<http::Response> answer(http::Exchange& exchange);
  bool knows_token(std::string_view authorization) const;

  DeadLetterDesk& desk_;
  BlockingExecutor blocking_;
  const std::string token_;
};

}  // namespace message_service::api
