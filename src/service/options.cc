#include "service/options.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/codec/field_line.h"
#include "http/server/server.h"
#include "model/record_sizes.h"
#include "model/record_version.h"
#include "service/open_files.h"
#include "signalr/hub/endpoint.h"

namespace message_service::service {

namespace {

std::chrono::milliseconds ms(std::uint64_t count) { return std::chrono::milliseconds(count); }

http::ForwardedHeaders forwarded_headers(const config::ForwardedHeaders& settings) {
  std::vector<http::Network> known;
  for (const auto* list : {&settings.known_proxies, &settings.known_networks}) {
    for (const std::string& text : *list) known.push_back(http::Network::parse(text).value());
  }
  return {std::move(known), settings.forward_limit};
}

http::AllowedHosts allowed_hosts(std::string_view text) {
  std::vector<std::string> hosts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (end > 0) hosts.emplace_back(http::trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return http::AllowedHosts(std::move(hosts));
}

}  // namespace

int reads_records(const config::Settings& settings) {
  return std::max(kRecordVersion, static_cast<int>(settings.testing.record_version));
}

logging::Options log_options(const config::Settings& settings) {
  return {.level = static_cast<logging::Level>(settings.logging.level),
          .format = settings.logging.format == config::LogFormat::json ? logging::Format::json : logging::Format::text,
          .queue_lines = settings.logging.queue_lines};
}

Limits message_limits(const config::Settings& settings) {
  Limits limits;
  limits.content_bytes_max = settings.limits.content_bytes;
  limits.id_bytes_max = settings.limits.id_bytes;
  limits.sender_types = settings.limits.sender_types;
  return limits;
}

embedded::Options embedded_options(const config::Settings& settings) {
  embedded::Options options;
  options.data_directory = settings.providers.data_directory;
  options.append.queue_records_max = settings.limits.append_queue_records;
  options.append.queue_bytes_max = settings.limits.append_queue_bytes;
  options.append.lag_records_max = static_cast<std::int64_t>(settings.limits.lag_records);
  options.append.queue_wait_max = ms(settings.limits.queue_wait_ms);
  options.append.batch_records = settings.message_persistence.max_batch_size;
  options.retention_age_max = std::chrono::hours(settings.retention.max_age_hours);
  options.retention_bytes_max = settings.retention.max_bytes;
  options.retention_interval = ms(settings.retention.check_interval_ms);
  options.reads_records = reads_records(settings);
  return options;
}

kafka::Options kafka_options(const config::Settings& settings) {
  const config::KafkaSettings& from = settings.kafka;
  kafka::Options options;
  options.bootstrap_servers = from.bootstrap_servers;
  options.group_id = from.group_id;
  options.auto_offset_reset = from.auto_offset_reset == config::OffsetReset::earliest ? kafka::OffsetReset::earliest
                                                                                      : kafka::OffsetReset::latest;
  options.topic_prefix = from.topic_prefix;
  options.client = from.client;
  options.publish_timeout = ms(from.publish_timeout_ms);
  options.append_queue_records_max = settings.limits.append_queue_records;
  options.append_queue_bytes_max = settings.limits.append_queue_bytes;
  options.partitions = static_cast<std::int32_t>(from.partitions);
  options.replication_factor = static_cast<std::int16_t>(from.replication_factor);
  options.retention_age_max = std::chrono::hours(from.retention_hours);
  options.record_bytes_least = record_bytes_plain(settings.limits.content_bytes, settings.limits.id_bytes);
  options.record_bytes_max = record_bytes_escaped(settings.limits.content_bytes, settings.limits.id_bytes);
  options.reads_records = reads_records(settings);
  return options;
}

mongodb::Options mongodb_options(const config::Settings& settings) {
  mongodb::Options options;
  options.connection_string = settings.mongodb.connection_string;
  options.database_name = settings.mongodb.database_name;
  options.reads_records = reads_records(settings);
  return options;
}

Ingress::Options ingress_options(const config::Settings& settings) {
  return {.limits = message_limits(settings),
          .recent_messages_max = settings.limits.recent_messages,
          .synchronous = settings.message_persistence.mode == config::PersistenceMode::synchronous};
}

Persister::Options persister_options(const config::Settings& settings, const Backends& backends) {
  const auto& persistence = settings.message_persistence;
  return {.batching = {.size = persistence.batch_size,
                       .size_max = persistence.max_batch_size,
                       .interval = ms(persistence.flush_interval_ms),
                       .when_idle = persistence.flush_when_idle},
          .limits = message_limits(settings),
          .store_name = backends.store_name(),
          .empties_log = backends.owns_log(),
          .dead_letter_order = persistence.dead_letter_order == config::DeadLetterOrder::park ? DeadLetterOrder::park
                                                                                              : DeadLetterOrder::pass};
}

signalr::EndpointOptions endpoint_options(const config::Settings& settings) {
  signalr::EndpointOptions options;
  options.connection = {.keep_alive_interval = ms(settings.hub.keep_alive_interval_ms),
                        .client_timeout = ms(settings.hub.client_timeout_ms),
                        .handshake_timeout = ms(settings.hub.handshake_timeout_ms),
                        .message_bytes_max = settings.limits.hub_receive_bytes,
                        .unacknowledged_bytes_max = settings.limits.hub_egress_bytes,
                        .message_pack_names = settings.hub.message_pack_names == config::PropertyNames::pascal_case
                                                  ? signalr::PropertyNames::pascal_case
                                                  : signalr::PropertyNames::camel_case,
                        .calls = {.detailed_errors = settings.hub.detailed_errors}};
  options.connections.transport = {
      .egress_bytes_max = settings.limits.hub_egress_bytes,
      .post_bytes_max = settings.limits.hub_post_bytes,
      .disconnect_timeout = ms(settings.hub.disconnect_timeout_ms),
      .poll_timeout = ms(settings.hub.poll_timeout_ms),
      .compression = {.enabled = settings.hub.compression, .bytes_min = settings.hub.compress_from_bytes}};
  options.connections.connections_max = settings.limits.connections;
  options.connections.allow_stateful_reconnect = settings.hub.stateful_reconnect;
  return options;
}

http::ServerOptions server_options(const config::Settings& settings) {
  http::ServerOptions options;
  const auto endpoints = config::parse_endpoints(settings.urls);
  options.addresses.clear();
  for (const auto& [host, port] : endpoints.value()) options.addresses.push_back({host, port});
  options.connections_max = settings.limits.connections;
  options.descriptors_max = connections_with_descriptors(settings);
  options.session.limits = {.head = {.line_bytes_max = settings.limits.target_bytes,
                                     .header_bytes_max = settings.limits.header_bytes,
                                     .headers_max = settings.limits.headers},
                            .body_bytes_max = settings.limits.body_bytes};
  options.session.forwarded = forwarded_headers(settings.forwarded_headers);
  options.session.allowed_hosts = allowed_hosts(settings.allowed_hosts);
  options.session.header_timeout = ms(settings.http.header_timeout_ms);
  options.session.body_timeout = ms(settings.http.body_timeout_ms);
  options.session.idle_timeout = ms(settings.http.idle_timeout_ms);
  return options;
}

}  // namespace message_service::service
