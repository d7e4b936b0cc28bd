// `verify --live`: follows what a running node finds in its clients' views.
#pragma once

#include "cli/operator_client.h"

namespace message_service::cli {

struct LiveOptions {
  OperatorAccess access;
  double interval = 1;  // seconds
  bool until_fault = false;
  bool json = false;
};

// Until Ctrl-C, or with `until_fault` until something is found. Returns the exit code: 1 when something was found.
int verify_live(const LiveOptions& options);

}  // namespace message_service::cli
