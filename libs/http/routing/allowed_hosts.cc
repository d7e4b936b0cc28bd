#include "http/routing/allowed_hosts.h"

#include <algorithm>

#include "base/ascii.h"
#include "http/codec/field_line.h"

namespace http {

bool names_own_machine(std::string_view host) {
  const std::string_view name = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
  return base::equals_ignoring_case(name, "localhost") || name == "127.0.0.1" || name == "[::1]";
}

bool AllowedHosts::allows(std::string_view host) const {
  if (allowed_.empty() || host.empty()) return true;
  const std::string_view name = split_host(host).name;
  return std::ranges::any_of(allowed_, [&](std::string_view allowed) {
    if (allowed == "*") return true;
    if (!allowed.starts_with("*.")) return base::equals_ignoring_case(allowed, name);
    const std::string_view ending = allowed.substr(1);
    return name.size() > ending.size() && base::equals_ignoring_case(name.substr(name.size() - ending.size()), ending);
  });
}

}  // namespace http
