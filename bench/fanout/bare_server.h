// What a fan-out costs at least: a server that knows neither hub nor store and, for each POST, loops
// `write(socket, frame, size)` over the clients of a group, with the frames that a hub has sent before, byte for byte.
// Started by `bench fanout --compare` as a process of its own, which is killed when it is done with. Blocks its caller.
#pragma once

#include <string>

namespace message_service::bench {

// Prints the address it listens on, as the service does. Returns an exit code only when it cannot begin.
int run_bare_server(const std::string& frames_file);

}  // namespace message_service::bench
