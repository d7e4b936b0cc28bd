#include <algorithm>
#include <array>
#include <charconv>

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
  return found;
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
