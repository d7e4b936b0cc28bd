#include "cli/operator_client.h"

#include <cstdio>
#include <utility>

#include "service/admin_token.h"

namespace message_service::cli {

std::unique_ptr<http::Client> operator_client(const OperatorAccess& access, std::chrono::milliseconds timeout,
                                              http::ClientOptions options) {
  const auto target = http::resolve(access.named.url);
  if (!target) {
    std::fprintf(stderr, "--url: %s\n", target.error().text.c_str());
    return nullptr;
  }
  std::string token = access.token;
  if (token.empty()) {
    auto own = service::read_admin_token(access.data_directory);
    if (!own) {
      std::fprintf(stderr, "Name an operator's --token, or the service's --data-directory: %s\n",
                   own.error().text.c_str());
      return nullptr;
    }
    token = std::move(*own);
  }
  options.ca_file = access.named.ca_file;
  auto client = std::make_unique<http::Client>(*target, timeout, std::move(options));
  client->authorize(std::move(token));
  return client;
}

}  // namespace message_service::cli
