#include "signalr/connection/link.h"

namespace signalr {

bool Link::receive(std::string, Room) { return false; }

}  // namespace signalr
