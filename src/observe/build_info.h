// Which build this is.
#pragma once

#include <string_view>

namespace message_service {

std::string_view version();   // "0.1.0"
std::string_view compiler();  // "gcc 12.2.0"

}  // namespace message_service
