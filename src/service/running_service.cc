#include "service/running_service.h"

#include <filesystem>
#include <utility>

#include "adapters/embedded/folder/data_folder.h"
#include "service/admin_token.h"

namespace message_service::service {

base::Result<RunningService> find_running_service(const config::Settings& settings, const NamedService& service,
                                                  std::chrono::milliseconds timeout,
                                                  const http::ClientOptions& options) {
  const std::filesystem::path& folder = settings.embedded.data_directory;
  if (auto holds = embedded::DataFolder::check_holds_log(folder); !holds) return holds.error();
  const bool own = service.url.empty();
  auto target = http::resolve(own ? own_url(settings) : service.url);
  if (!target) return base::Error{target.error().code, (own ? "Urls: " : "--url: ") + target.error().text};
  if (const std::string host = own ? own_host(settings) : ""; !host.empty()) target->authority = host;
  auto token = read_admin_token(folder);
  if (!token && token.error().code != base::ErrorCode::not_found) return token.error();
  if (!token) return RunningService{.client = nullptr, .why = token.error().text};
  auto client = std::make_unique<http::Client>(std::move(*target), timeout, with_trust(options, settings, service));
  client->authorize(std::move(*token));
  if (const auto reached = client->reach(); !reached) {
    return RunningService{.client = nullptr, .why = reached.error().text};
  }
  return RunningService{.client = std::move(client)};
}

base::Error silent_service(const config::Settings& settings, const std::string& why) {
  return {base::ErrorCode::conflict, "a service holds " + settings.embedded.data_directory.string() +
                                         " and cannot be asked: " + why +
                                         "; name it with --url, and whom to believe by https with --ca-file"};
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
