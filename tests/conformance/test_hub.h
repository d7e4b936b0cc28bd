// The hub that Microsoft's own functional tests call: every method does what those tests expect of it, see
// README.md in this folder.
#pragma once

#include "signalr/hub/hub.h"

namespace message_service::conformance {

void add_test_methods(signalr::Hub& hub);

// The same behind a filter that lets nobody call "Hidden", with hooks that tell who comes and goes; for our own tests.
void add_guarded_methods(signalr::Hub& hub);

}  // namespace message_service::conformance
