// Text checks on bytes from outside.
#pragma once

#include <string_view>

namespace message_service {

// Well-formed UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// True when a C0 control, DEL or a C1 control (U+0080–U+009F) is present. Expects well-formed UTF-8.
bool has_control_characters(std::string_view text);

}  // namespace message_service
