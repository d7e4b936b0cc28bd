// Which hosts a request may ask for, as ASP.NET Core's host filtering has it. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

class AllowedHosts {
 public:
  // Any.
  AllowedHosts() = default;
  // Names without a port; "*.example.com" are the names below example.com, "*" is any.
  explicit AllowedHosts(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

  // `host` may have a port. A request that names none, as HTTP/1.0 may, is allowed.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> allowed_;  // empty: any
};

}  // namespace http
