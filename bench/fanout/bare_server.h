// The least cost of a fan-out: a server without hub and store that, for each POST, loops `write(socket, frame, size)`
// over the clients of a group, with the frames that a hub has sent before, byte for byte. `bench fanout --compare`
// starts it as a process of its own and kills the process afterwards. Blocks its caller.
#pragma once

#include <string>

namespace message_service::bench {

// Prints the address that it listens on, as the service does. Returns an exit code only when it cannot begin.
int run_bare_server(const std::string& frames_file);

}  // namespace message_service::bench
