// The operators' routes, GET /admin/dead-letters and POST /admin/dead-letters/{action}: for the dashboard, and for
// commands on the machine of a service whose data folder no other process can open. The service's policy lets in
// operators, and who has the data folder's token. GET gives the first page of the list; it is no action, and so it
// leaves no audit line.
#pragma once

#include <string>
#include <utility>

#include "base/blocking_executor.h"
#include "http/routing/router.h"
#include "pipeline/dead_letters/dead_letter_service.h"

namespace message_service::api {

class DeadLetterRoutes {
 public:
  // The service outlives the routes.
  DeadLetterRoutes(DeadLetterService& service, base::BlockingExecutor blocking)
      : service_(service), blocking_(std::move(blocking)) {}

  void add_to(http::Router& router);

 private:
  runtime::Awaitable<http::Response> answer(http::Exchange& exchange, std::string action, std::string body);

  DeadLetterService& service_;
  base::BlockingExecutor blocking_;
};

}  // namespace message_service::api
