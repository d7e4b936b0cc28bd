#include "signalr/connection/transport_connection.h"

namespace signalr {

bool TransportConnection::receive(std::string, Room) { return false; }

}  // namespace signalr
