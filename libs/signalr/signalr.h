// Everything that a program needs to be a SignalR server; docs/signalr.md shows how.
#pragma once

#include "signalr/host/host.h"
#include "signalr/hub/endpoint.h"
#include "signalr/hub/hub.h"
