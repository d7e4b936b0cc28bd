#include <algorithm>
#include <utility>
#include <vector>

#include "access/access.h"
#include "access/development_key.h"
#include "config/endpoint.h"
#include "config/settings.h"
#include "config/text.h"
#include "model/record_sizes.h"
#include "model/record_version.h"

namespace message_service::config {

namespace {

http::ForwardedHeaders forwarded_headers(const Web& web) {
  std::vector<http::Network> known;
  for (const auto* list : {&web.known_proxies, &web.known_networks}) {
    for (const std::string& text : *list) known.push_back(http::Network::parse(text).value());
  }
  return {std::move(known), web.forward_limit};
}

http::AllowedHosts allowed_hosts(const Web& web) {
  std::vector<std::string> hosts = split_list(web.allowed_hosts, ';');
  std::erase(hosts, "");
  return http::AllowedHosts(std::move(hosts));
}

}  // namespace

void derive(Settings& settings) {
  settings.server.addresses = parse_endpoints(settings.web.urls).value();
  if (!settings.web.management_urls.empty()) {
    auto doors = parse_endpoints(settings.web.management_urls).value();
    for (http::ListenAddress& address : doors) {
      address.door = access::kManagementDoor;
      settings.server.addresses.push_back(std::move(address));
    }
  }
  settings.server.session.allowed_hosts = allowed_hosts(settings.web);
  settings.server.session.forwarded = forwarded_headers(settings.web);

  access::BearerOptions& bearer = settings.access.bearer;
  if (!bearer.development_key_file.empty()) {
    if (bearer.valid_issuer.empty()) bearer.valid_issuer = access::kDevelopmentIssuer;
    if (bearer.valid_audience.empty()) bearer.valid_audience = access::kDevelopmentAudience;
  }

  const Limits& limits = settings.limits();
  settings.kafka.record_bytes_least = record_bytes_plain(limits.content_bytes_max, limits.id_bytes_max);
  settings.kafka.record_bytes_max = record_bytes_escaped(limits.content_bytes_max, limits.id_bytes_max);

  const int reads_records = std::max(kRecordVersion, settings.process.record_version);
  settings.embedded.reads_records = reads_records;
  settings.kafka.reads_records = reads_records;
  settings.mongodb.reads_records = reads_records;

  settings.delivery.catch_up_egress_bytes = settings.hub.connections.transport.egress_bytes_max / 4;
}

}  // namespace message_service::config
