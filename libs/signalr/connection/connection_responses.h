// The answers to requests that a connection does not take, as ASP.NET Core words them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/codec/message.h"
#include "signalr/protocol/negotiate.h"

namespace signalr {

// Which transport a GET asks for.
Transport transport_of(const http::Request& request);

http::Response no_such_connection();
http::Response connection_in_use();
http::Response try_later();
http::Response refuse_other_origin();

// A request of a connection brings another user's token. With refreshes ASP.NET Core tells a poll in its own way.
http::Response refuse_other_user(const http::Request& request, bool refreshes_tokens);

// The answers to a refresh: {"error":"connection_not_found"}, and how long the new token holds.
http::Response refresh_error(unsigned status, std::string_view code);
http::Response refreshed_until(base::Timestamp end);

}  // namespace signalr
