#include "config/aspnet.h"

#include <algorithm>
#include <array>

#include "config/text.h"

namespace message_service::config {

namespace {

bool is_under(std::string_view key, std::string_view section) {
  return key.size() > section.size() + 1 && key[section.size()] == ':' &&
         base::equals_ignoring_case(key.substr(0, section.size()), section);
}

// "8080;8081": a port of every address, as ASP.NET Core's own images name them.
AspNetMeaning urls_of_ports(const Given& given) {
  std::vector<std::string> urls;
  for (const std::string& port : split_list(given.text, ';')) {
    if (!port.empty()) urls.push_back("http://*:" + port);
  }
  return Translation{"Urls", {.text = join(urls, ";"), .items = {}}};
}

struct Replacement {
  std::string_view key;
  std::string_view text;
};

// For each unsupported key, the nearest supported one.
constexpr std::array<Replacement, 24> kUnsupported{{
    {"HTTPS_PORTS", "is not supported: use Urls=https://*:PORT and Kestrel:Certificates:Default:Path"},
    {"HTTPS_PORT", "is not supported: nothing is redirected to https"},
    {"FORWARDEDHEADERS_ENABLED",
     "is not supported: name the proxies in ForwardedHeaders:KnownProxies or :KnownNetworks"},
    {"SHUTDOWNTIMEOUTSECONDS", "is not supported: use Shutdown:TimeoutMs"},
    {"DETAILEDERRORS", "is not supported: use Hub:DetailedErrors"},
    {"CONTENTROOT", "is not supported: the service reads appsettings.json in its working folder, or --config FILE"},
    {"WEBROOT", "is not supported: the chat page is part of the program"},
    {"ConnectionStrings", "is not supported: use MongoDbSettings:ConnectionString and KafkaSettings:BootstrapServers"},
    {"Logging:Console", "is not supported: use Logging:Level, and Logging:Format, which is Text or Json"},
    {"Kestrel:Certificates", "is not supported: use Path, KeyPath and Password of Kestrel:Certificates:Default"},
    {"Kestrel:Limits:MaxRequestBodySize", "is not supported: use Limits:BodyBytes"},
    {"Kestrel:Limits:MaxRequestHeadersTotalSize", "is not supported: use Limits:HeaderBytes"},
    {"Kestrel:Limits:MaxRequestHeaderCount", "is not supported: use Limits:Headers"},
    {"Kestrel:Limits:MaxRequestLineSize", "is not supported: use Limits:TargetBytes"},
    {"Kestrel:Limits:MaxConcurrentConnections", "is not supported: use Limits:Connections"},
    {"Kestrel:Limits:MaxConcurrentUpgradedConnections", "is not supported: use Limits:Connections"},
    {"Kestrel:Limits:KeepAliveTimeout", "is not supported: use Http:IdleTimeoutMs"},
    {"Kestrel:Limits:RequestHeadersTimeout", "is not supported: use Http:HeaderTimeoutMs"},
    {"Kestrel:Limits:MinRequestBodyDataRate", "is not supported: use Http:BodyTimeoutMs"},
    {"Kestrel:Limits", "is not supported: use the keys under Limits and Http"},
    {"Kestrel:Endpoints", "is not supported: use Urls, which takes a list with ';'"},
    {"Kestrel:EndpointDefaults", "is not supported: use Urls; the service speaks HTTP/1.1"},
    {"Kestrel", "is not supported: use Urls and the keys under Limits and Http"},
    {"Serilog", "is not supported: use Logging:Level and Logging:Format"},
}};

// Categories of a .NET program's log. Each template of ASP.NET Core has some in its appsettings.json.
std::optional<AspNetMeaning> log_level_meaning(std::string_view key, const Given& given) {
  constexpr std::string_view section = "Logging:LogLevel";
  if (!is_under(key, section)) return std::nullopt;
  if (base::equals_ignoring_case(key.substr(section.size() + 1), "Default")) return Translation{"Logging:Level", given};
  return Pointless{
      "has no effect: there are no log categories here; Logging:LogLevel:Default (or Logging:Level) sets all"};
}

}  // namespace

std::optional<AspNetMeaning> aspnet_meaning(std::string_view key, const Given& given) {
  if (base::equals_ignoring_case(key, "HTTP_PORTS")) return urls_of_ports(given);
  if (base::equals_ignoring_case(key, "ENVIRONMENT")) {
    return Pointless{"is " + given.text + ": appsettings." + given.text + ".json is read over appsettings.json"};
  }
  for (const auto& [unsupported, text] : kUnsupported) {
    if (base::equals_ignoring_case(key, unsupported) || is_under(key, unsupported))
      return Unsupported{std::string(text)};
  }
  return log_level_meaning(key, given);
}

bool is_aspnet_section(std::string_view name) {
  return std::ranges::any_of(kUnsupported, [&](const Replacement& unsupported) {
    const std::string_view section = unsupported.key.substr(0, unsupported.key.find(':'));
    return base::equals_ignoring_case(section, name);
  });
}

}  // namespace message_service::config
