// Cross-origin rules: which pages of other origins may call us, and what they are told. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/codec/message.h"

namespace http {

class CorsPolicy {
 public:
  // Origins ("https://app.example"); "*" allows any, answered with its own name since credentials are allowed. Names
  // may be in any case and a default port may be named; browsers write neither.
  explicit CorsPolicy(std::vector<std::string> allowed_origins);

  bool allows(std::string_view origin) const;

  // Whether a WebSocket may be opened from there: CORS does not cover them. Requests without an Origin come from no
  // page; a page of our own has our scheme, name and port.
  bool allows_socket(const Request& request) const;

  // Adds the headers that let the page behind `request` read `response`.
  void decorate(const Request& request, Response& response) const;

  // Adds what a preflight asks for beyond that.
  void answer_preflight(const Request& request, Response& response) const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace http
