// The one place that writes a JSON string. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace base {

// Appends `text` as a JSON string with its quotes. Expects well-formed UTF-8; control characters are escaped.
void append_json_string(std::string& out, std::string_view text);

}  // namespace base
