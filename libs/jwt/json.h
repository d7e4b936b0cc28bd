// Private to the library: JSON from strangers.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace jwt {

// Reads one JSON object, 16 levels deep at most. An object in it that has the same name twice is an error: readers
// disagree about which of the two counts. `what` names the text in errors, which quote nothing of it.
base::Result<boost::json::object> read_json_object(std::string_view text, std::string_view what);

inline std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

inline base::Error invalid(std::string text) { return {base::ErrorCode::invalid, std::move(text)}; }

// Returns the text with this name, and null when there is none or it is of another type.
inline const boost::json::string* find_text(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const found = object.if_contains({name.data(), name.size()});
  return found == nullptr ? nullptr : found->if_string();
}

}  // namespace jwt
