// The hosts that a request may ask for, as in ASP.NET Core's host filtering. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// Whether a request's host, with a port or without, is localhost, 127.0.0.1 or [::1].
bool names_own_machine(std::string_view host);

class AllowedHosts {
 public:
  // Allows any host.
  AllowedHosts() = default;
  // Names without a port. "*.example.com" stands for the names below example.com, "*" for any name.
  explicit AllowedHosts(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

  // `host` may have a port. A request without a host, which HTTP/1.0 permits, is allowed.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> allowed_;  // empty: any
};

}  // namespace http
