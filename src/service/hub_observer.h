// Counts what the hub's connections report. The metrics outlive the connections.
#pragma once

#include "observe/metrics.h"
#include "signalr/hub/hub_connection.h"

namespace message_service::service {

signalr::ConnectionObserver hub_observer(Metrics& metrics);

}  // namespace message_service::service
