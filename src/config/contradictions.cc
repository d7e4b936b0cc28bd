#include <algorithm>
#include <array>
#include <charconv>

#include "config/endpoint.h"
#include "config/schema.h"
#include "model/record_sizes.h"

namespace message_service::config {

namespace {

// librdkafka's own default.
constexpr std::uint64_t kClientBytesMax = 1'000'000;
constexpr const char* kClientBytes = "KafkaSettings:Client:message.max.bytes";

// The size limit of Kafka's client must have room for the record of the longest content.
void check_kafka_sizes(const Settings& settings, std::vector<Contradiction>& found) {
  if (settings.providers.event_log != EventLog::kafka) return;
  const auto set = settings.kafka.client.find("message.max.bytes");
  std::uint64_t most = kClientBytesMax;
  if (set != settings.kafka.client.end()) {
    const std::string& text = set->second;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), most);
    if (read.ec != std::errc()) return;  // librdkafka reports the fault
  }
  const Limits& limits = settings.limits();
  const std::uint64_t least = record_bytes_plain(limits.content_bytes_max, limits.id_bytes_max);
  if (most >= least) return;
  found.push_back({{"Limits:ContentBytes", kClientBytes},
                   "is " + std::to_string(limits.content_bytes_max) + ", and a message of that size needs " +
                       kClientBytes + " of at least " + std::to_string(least) + ", but that is " +
                       std::to_string(most)});
}

void check_certificate(const Settings& settings, std::vector<Contradiction>& found) {
  const auto addresses = parse_endpoints(settings.web.urls);
  const bool https = addresses && std::ranges::any_of(*addresses, &http::ListenAddress::https);
  if (!https || !settings.server.certificate.path.empty()) return;
  found.push_back({{"Kestrel:Certificates:Default:Path", "Urls"}, "must name a certificate because Urls has https"});
}

void check_bearer(const access::BearerOptions& bearer, std::vector<Contradiction>& found) {
  if (!bearer.development_key_file.empty()) return;  // it has an issuer and an audience of its own
  const std::string section = "Authentication:Schemes:Bearer:";
  const auto missing = [&](const std::string& key, const std::string& text) {
    found.push_back({{section + key, "Auth:Mode"}, "must be set because of Auth:Mode=Jwt: " + text});
  };
  const bool has_provider = !bearer.authority.empty() || !bearer.metadata_address.empty();
  if (!has_provider && bearer.jwks_file.empty() && bearer.jwks_url.empty() && bearer.signing_keys.empty()) {
    missing("Authority", "tokens are checked with its keys; or set JwksUrl, JwksFile or SigningKeys");
  }
  if (!has_provider && bearer.valid_issuer.empty() && bearer.valid_issuers.empty()) {
    missing("ValidIssuer", "the issuer that tokens name; or set Authority");
  }
  if (bearer.valid_audience.empty() && bearer.valid_audiences.empty()) {
    missing("ValidAudience", "the audience that tokens for this service name");
  }
  if (!bearer.require_https_metadata) return;
  for (const auto& [key, url] :
       {std::pair("Authority", bearer.authority), std::pair("MetadataAddress", bearer.metadata_address),
        std::pair("JwksUrl", bearer.jwks_url)}) {
    if (!url.starts_with("http://")) continue;
    found.push_back({{section + key, section + "RequireHttpsMetadata"},
                     "must begin with https:// because of " + section + "RequireHttpsMetadata"});
  }
}

}  // namespace

std::vector<Contradiction> contradictions(const Settings& settings) {
  struct AtLeast {
    const char* key;
    std::uint64_t value;
    const char* other_key;
    std::uint64_t other;
    const char* why;
  };
  const std::uint64_t content_bytes = settings.limits().content_bytes_max;
  const std::uint64_t body_bytes = settings.server.session.limits.body_bytes_max;
  const Batcher::Options& batching = settings.persister.batching;
  const signalr::ConnectionOptions& connection = settings.hub.connection;
  const auto ms = [](std::chrono::milliseconds time) { return static_cast<std::uint64_t>(time.count()); };
  const std::array<AtLeast, 6> rules{{
      {"MessagePersistence:MaxBatchSize", batching.size_max, "MessagePersistence:BatchSize", batching.size,
       "a batch that starts a write must fit"},
      {"Limits:BodyBytes", body_bytes, "Limits:ContentBytes", content_bytes, "a body must have room for the content"},
      {"Limits:HubReceiveBytes", connection.message_bytes_max, "Limits:ContentBytes", content_bytes,
       "a SignalR message must have room for the content"},
      {"Limits:HubEgressBytes", settings.hub.connections.transport.egress_bytes_max, "Limits:BodyBytes", body_bytes,
       "at least one message must fit"},
      {"Limits:AppendQueueBytes", settings.embedded.append.queue_bytes_max, "Limits:BodyBytes", body_bytes,
       "at least one message must fit"},
      {"Hub:ClientTimeoutMs", ms(connection.client_timeout), "Hub:KeepAliveIntervalMs",
       ms(connection.keep_alive_interval) + 1, "pings must come before the timeout"},
  }};
  std::vector<Contradiction> found;
  for (const AtLeast& rule : rules) {
    if (rule.value >= rule.other) continue;
    found.push_back({{rule.key, rule.other_key},
                     "must be at least " + std::to_string(rule.other) + " because of " + rule.other_key + " (" +
                         rule.why + "), but is " + std::to_string(rule.value)});
  }
  check_kafka_sizes(settings, found);
  check_certificate(settings, found);
  if (settings.access.mode == access::Mode::jwt) check_bearer(settings.access.bearer, found);
  return found;
}

bool is_signing_secret(std::string_view name) { return name.ends_with(":value"); }

std::optional<std::string> unknown_signing_key_member(const std::string& name) {
  const std::size_t colon = name.find(':');
  const std::string_view index = std::string_view(name).substr(0, colon);
  const std::string_view member = colon == std::string::npos ? "" : std::string_view(name).substr(colon + 1);
  const bool is_index =
      !index.empty() && index.size() <= 3 && std::ranges::all_of(index, [](char c) { return c >= '0' && c <= '9'; });
  constexpr std::array<std::string_view, 4> members{"id", "issuer", "value", "length"};
  if (is_index && std::ranges::find(members, member) != members.end()) return std::nullopt;
  return "must be one of Id, Issuer, Value and Length behind a number, such as SigningKeys:0:Value";
}

std::optional<std::string> reserved_client_property(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> own_keys{{
      {"bootstrap.servers", "KafkaSettings:BootstrapServers"},
      {"metadata.broker.list", "KafkaSettings:BootstrapServers"},
      {"group.id", "KafkaSettings:GroupId"},
      {"auto.offset.reset", "KafkaSettings:AutoOffsetReset"},
  }};
  constexpr std::array<std::string_view, 6> promises{"acks",
                                                     "request.required.acks",
                                                     "enable.idempotence",
                                                     "enable.auto.commit",
                                                     "enable.auto.offset.store",
                                                     "auto.commit.enable"};
  for (const auto& [property, key] : own_keys) {
    if (name == property) return "has a key of its own: " + std::string(key);
  }
  if (std::find(promises.begin(), promises.end(), name) != promises.end()) {
    return "cannot be set: the service's guarantees rest on its value";
  }
  return std::nullopt;
}

}  // namespace message_service::config
