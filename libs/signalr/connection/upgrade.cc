#include "signalr/connection/upgrade.h"

#include <utility>
#include <vector>

#include "websocket/codec/accept_key.h"

namespace signalr {

bool lists(std::string_view header, std::string_view token) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    std::string_view part = header.substr(0, comma);
    while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
    while (!part.empty() && (part.back() == ' ' || part.back() == '\t')) part.remove_suffix(1);
    if (http::equals_ignoring_case(part, token)) return true;
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
  }
  return false;
}

http::Response text_response(unsigned status, std::string text) {
  return {.status = status, .content_type = http::kText, .body = std::move(text)};
}

bool asks_for_websocket(const http::Request& request) { return lists(request.header("Upgrade"), "websocket"); }

std::optional<http::Response> refuse_upgrade(const http::Request& request) {
  if (request.method != "GET" || !lists(request.header("Connection"), "upgrade")) {
    return text_response(400, "A WebSocket is opened by GET with Connection: Upgrade");
  }
  if (request.header("Sec-WebSocket-Version") != "13") {
    auto response = text_response(426, "The WebSocket version spoken here is 13");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return response;
  }
  if (!websocket::is_valid_key(request.header("Sec-WebSocket-Key"))) {
    return text_response(400, "Sec-WebSocket-Key must be the base64 of 16 bytes");
  }
  return std::nullopt;
}

std::optional<websocket::DeflateAgreement> agree_on_deflate(const http::Request& request) {
  constexpr std::string_view kExtensions = "Sec-WebSocket-Extensions";
  if (request.header(kExtensions).empty()) return std::nullopt;
  const auto headers = request.headers->all();  // the list may be spread over several lines
  std::vector<std::string_view> lines;
  for (const auto& [name, value] : headers) {
    if (http::equals_ignoring_case(name, kExtensions)) lines.push_back(value);
  }
  return websocket::agree_on_deflate(lines);
}

http::Response accept_upgrade(const http::Request& request, const std::optional<websocket::DeflateAgreement>& deflate,
                              http::Response::Upgrade upgrade) {
  http::Response response{.status = 101, .upgrade = std::move(upgrade)};
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Connection", "Upgrade");
  response.headers.emplace_back("Sec-WebSocket-Accept", websocket::accept_key(request.header("Sec-WebSocket-Key")));
  if (deflate) response.headers.emplace_back("Sec-WebSocket-Extensions", deflate->answer());
  return response;
}

}  // namespace signalr
