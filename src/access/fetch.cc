#include "access/fetch.h"

#include <chrono>
#include <utility>

#include "http/client/client.h"

namespace message_service::access {

namespace {

constexpr auto kTimeout = std::chrono::seconds(5);

}  // namespace

base::Result<std::string> fetch_document(const std::string& url) {
  const auto resource = http::parse_resource(url);
  if (!resource) return resource.error();
  const auto server = http::resolve(resource->server);
  if (!server) return server.error();
  http::Client client(*server, kTimeout);
  auto answer = client.get(resource->target);
  if (!answer) return answer.error();
  if (answer->status != 200) {
    return base::Error{base::ErrorCode::unavailable, url + " answers " + std::to_string(answer->status)};
  }
  return std::move(answer->body);
}

}  // namespace message_service::access
