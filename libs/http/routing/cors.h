// Cross-origin rules: which pages of other origins may call us, and which headers they get. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/codec/message.h"

namespace http {

class CorsPolicy {
 public:
  // Takes origins ("https://app.example"). "*" allows any origin; the answer names that origin, since credentials are
  // allowed. Origins may be in any case and may name a default port; browsers write lower case and no default port.
  explicit CorsPolicy(std::vector<std::string> allowed_origins);

  bool allows(std::string_view origin) const;

  // Whether `request` may open a WebSocket: CORS does not cover WebSockets. A request without an Origin is not from a
  // page. A page of our own has our scheme, name and port.
  bool allows_socket(const Request& request) const;

  // Adds the headers that let the page that sent `request` read `response`.
  void decorate(const Request& request, Response& response) const;

  // Adds the further headers that a preflight asks for.
  void answer_preflight(const Request& request, Response& response) const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace http
