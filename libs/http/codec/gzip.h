// A body as gzip (RFC 1952), for answers that are made for one request: at the fastest level. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace http {

std::string gzip(std::string_view body);

}  // namespace http
