#include "service/running_service.h"

#include <filesystem>
#include <utility>

#include "service/admin_token.h"
#include "service/own_url.h"

namespace message_service::service {

base::Result<std::unique_ptr<http::Client>> find_running_service(const config::Settings& settings,
                                                                 const std::string& url,
                                                                 std::chrono::milliseconds timeout,
                                                                 const http::ClientOptions& options) {
  const std::filesystem::path& folder = settings.embedded.data_directory;
  if (!std::filesystem::exists(folder / "db" / "CURRENT")) {
    return base::Error{base::ErrorCode::not_found,
                       folder.string() + " holds no log; is the service's data folder named right?"};
  }
  auto target = http::resolve(url.empty() ? own_url(settings) : url);
  if (!target) return base::Error{target.error().code, "--url: " + target.error().text};
  auto token = read_admin_token(folder);
  if (!token && token.error().code != base::ErrorCode::not_found) return token.error();
  if (!token) return std::unique_ptr<http::Client>();
  auto client = std::make_unique<http::Client>(std::move(*target), timeout, options);
  client->authorize(std::move(*token));
  if (!client->reach()) return std::unique_ptr<http::Client>();
  return client;
}

base::Error silent_service(const config::Settings& settings, const std::string& url) {
  return {base::ErrorCode::conflict, "a service holds " + settings.embedded.data_directory.string() +
                                         " and does not answer at " + (url.empty() ? own_url(settings) : url) +
                                         "; name it with --url"};
}

base::Error refused_by_service(const http::Answer& answer) {
  if (answer.status == 401) {
    return {base::ErrorCode::conflict,
            "the service that answers has another data folder; name its --url, or the "
            "folder with --Providers:DataDirectory"};
  }
  return {base::ErrorCode::unavailable, "the service answered " + std::to_string(answer.status) + ": " + answer.body};
}

}  // namespace message_service::service
