#include "access/fetch.h"

#include <chrono>

#include "http/client/client.h"

namespace message_service::access {

namespace {

constexpr auto kTimeout = std::chrono::seconds(5);

}  // namespace

base::Result<std::string> fetch_document(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string::npos ? url.size() : url.find('/', scheme + 3);
  const auto server = http::resolve(url.substr(0, path));
  if (!server) return server.error();
  http::Client client(*server, kTimeout);
  auto answer = client.get(path < url.size() ? url.substr(path) : "/");
  if (!answer) return answer.error();
  if (answer->status != 200) {
    return base::Error{base::ErrorCode::unavailable, url + " answers " + std::to_string(answer->status)};
  }
  return std::move(answer->body);
}

}  // namespace message_service::access
