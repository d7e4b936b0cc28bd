// Everything that a program needs to be a SignalR server; docs/signalr.md shows how.
#pragma once

#include "transport/signalr/host/host.h"
#include "transport/signalr/hub/hub.h"
#include "transport/signalr/session/endpoint.h"
