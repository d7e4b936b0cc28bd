#include "transport/signalr/link/link.h"

namespace message_service::signalr {

Awaitable<bool> Link::receive(std::string) { co_return false; }

}  // namespace message_service::signalr
