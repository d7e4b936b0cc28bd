#include "signalr/connection/transport_connection.h"

namespace signalr {

// NOLINTNEXTLINE(performance-unnecessary-value-param): a transport that takes POSTs takes both over
bool TransportConnection::receive(std::string, Room) { return false; }

}  // namespace signalr
