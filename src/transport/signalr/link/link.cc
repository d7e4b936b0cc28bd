#include "transport/signalr/link/link.h"

namespace message_service::signalr {

bool Link::receive(std::string, Room) { return false; }

}  // namespace message_service::signalr
