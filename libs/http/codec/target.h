// A request's target, split and percent-decoded; the segments of one to be. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/result.h"

namespace http {

struct Target {
  std::vector<std::string> segments;                       // "/a/./b%2Fc" -> {"a", "b/c"}
  std::vector<std::pair<std::string, std::string>> query;  // in order; a name may occur several times

  // The first value of that name; names match without regard to case, as in ASP.NET.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

// Returns `invalid` when the target is in neither origin form nor absolute form, or is not UTF-8 once decoded.
base::Result<Target> parse_target(std::string_view target);

// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3), for a path's segment.
void append_segment(std::string& out, std::string_view text);
std::string encode_segment(std::string_view text);

using base::equals_ignoring_case;

}  // namespace http
