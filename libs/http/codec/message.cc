#include "http/codec/message.h"

#include <boost/beast/http/status.hpp>

namespace http {

namespace {

bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string_view reason_phrase(unsigned status) {
  const auto phrase = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {phrase.data(), phrase.size()};
}

void write_response(std::string& out, const Response& response, const ResponseContext& context) {
  out.reserve(out.size() + 256 + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\nDate: ").append(context.date).append("\r\n");
  if (!has_no_body(response.status)) {
    if (!response.content_type.empty()) out.append("Content-Type: ").append(response.content_type).append("\r\n");
    if (!response.upgrade) out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  for (const auto& [name, value] : response.headers) out.append(name).append(": ").append(value).append("\r\n");
  const bool ends = response.upgrade ? response.status != 101 : !context.keep_alive;
  if (ends) out.append("Connection: close\r\n");
  if (!ends && context.keep_alive && context.says_keep_alive) out.append("Connection: keep-alive\r\n");
  out.append("X-Content-Type-Options: nosniff\r\n\r\n");
  if (!context.without_body && !has_no_body(response.status)) out.append(response.body);
}

}  // namespace http
