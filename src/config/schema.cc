#include "config/schema.h"

#include "config/access_keys.h"
#include "config/rules.h"
#include "config/trace_keys.h"
#include "tls/certificates.h"

namespace message_service::config {

namespace {

using S = Settings;
using Entries = std::vector<Entry>;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

void add(Entries& all, Entries more) { std::move(more.begin(), more.end(), std::back_inserter(all)); }

// Where the options of parts within parts are.
constexpr At kAppend(&S::embedded, &embedded::Options::append);
constexpr At kBatching(&S::persister, &Persister::Options::batching);
constexpr At kBacklog(&S::delivery, &DeliveryOptions::backlog_limit);
constexpr At kCertificate(&S::server, &http::ServerOptions::certificate);
constexpr At kSession(&S::server, &http::ServerOptions::session);
constexpr auto kRequest = kSession / &http::SessionOptions::limits;
constexpr auto kHead = kRequest / &http::RequestLimits::head;
constexpr At kConnection(&S::hub, &signalr::EndpointOptions::connection);
constexpr At kConnections(&S::hub, &signalr::EndpointOptions::connections);
constexpr auto kTransport = kConnections / &signalr::TransportEndpointOptions::transport;
constexpr auto kCompression = kTransport / &signalr::TransportOptions::compression;

// The limits of a message: for the stage that takes one, and for the stage that stores it.
template <class Member>
auto in_limits(Member member) {
  return AtEach(At(&S::ingress, &Ingress::Options::limits, member),
                At(&S::persister, &Persister::Options::limits, member));
}

std::string hide(std::string_view secret) { return secret.empty() ? "" : "***"; }

Entries provider_keys() {
  return {
      text("Urls", At(&S::web, &Web::urls), rules::listen_urls,
           "Where to listen; localhost is 127.0.0.1 and ::1, * every address, and port 0 takes a free one."),
      text("Management:Urls", At(&S::web, &Web::management_urls), rules::optional_listen_urls,
           "Further addresses for /health, /metrics (open there) and /admin alone. Urls serves all of them too."),
      text("Kestrel:Certificates:Default:Path", kCertificate / &tls::CertificateFiles::path, rules::optional_path,
           "Certificate for https addresses: PEM with those that lead to its issuer, or PFX. It is read again when it "
           "changes."),
      text("Kestrel:Certificates:Default:KeyPath", kCertificate / &tls::CertificateFiles::key_path,
           rules::optional_path, "Its private key in PEM, where it is not in the same file."),
      text("Kestrel:Certificates:Default:Password", kCertificate / &tls::CertificateFiles::password, rules::any_text,
           "Of the key or of the PFX file.", hide),
      time<seconds>("Hsts:MaxAgeSeconds", kSession / &http::SessionOptions::hsts_max_age,
                    http::SessionOptions::hsts_bounds,
                    "How long a browser that has come by https comes by nothing else; 0 leaves it to the browser."),
      text("AllowedHosts", At(&S::web, &Web::allowed_hosts), rules::allowed_hosts,
           "Hosts that requests may ask for, others are answered 400; *.example.com are all below example.com."),
      choice<EventLog>("Providers:EventLog", At(&S::providers, &Providers::event_log),
                       {{"Embedded", EventLog::embedded}, {"Kafka", EventLog::kafka}},
                       "Where messages are made durable before they are accepted."),
      choice<MessageStore>("Providers:MessageStore", At(&S::providers, &Providers::message_store),
                           {{"Embedded", MessageStore::embedded}, {"MongoDb", MessageStore::mongodb}},
                           "Where messages are stored."),
      text("Providers:DataDirectory", At(&S::embedded, &embedded::Options::data_directory), rules::path,
           "Folder of the embedded log and store."),
  };
}

Entries persistence_keys() {
  using B = Batcher::Options;
  return {
      choice<bool>("MessagePersistence:Mode", At(&S::ingress, &Ingress::Options::synchronous),
                   {{"WriteBehind", false}, {"Synchronous", true}},
                   "WriteBehind answers 202 when the log has the message, Synchronous 201 when the store has it."),
      number("MessagePersistence:BatchSize", kBatching / &B::size, B::size_bounds,
             "Messages buffered that start a write."),
      number("MessagePersistence:MaxBatchSize",
             AtEach(kBatching / &B::size_max, kAppend / &embedded::AppendOptions::batch_records,
                    At(&S::admission, &api::AdmissionControl::Options::batch)),
             B::size_max_bounds, "How far a batch may grow while the write before it is under way."),
      time<milliseconds>("MessagePersistence:FlushIntervalMs", kBatching / &B::interval, B::interval_bounds,
                         "Age of the oldest buffered message that starts a write."),
      on_off("MessagePersistence:FlushWhenIdle", kBatching / &B::when_idle,
             "Write at once when the log has nothing more to read."),
      number("MessagePersistence:Workers", At(&S::process, &Process::persisters), Process::persisters_bounds,
             "Persisters of this node, which share the partitions; 0 is two for Kafka. The embedded log has one."),
      choice<DeadLetterOrder>(
          "MessagePersistence:DeadLetterOrder", At(&S::persister, &Persister::Options::dead_letter_order),
          {{"Pass", DeadLetterOrder::pass}, {"Park", DeadLetterOrder::park}},
          "What later messages of a conversation do when one is dead: Pass it, or Park behind it until it is retried."),
  };
}

Entries kafka_keys() {
  using K = kafka::Options;
  return {
      text("KafkaSettings:BootstrapServers", At(&S::kafka, &K::bootstrap_servers), rules::servers,
           "Brokers to ask first."),
      text("KafkaSettings:GroupId", At(&S::kafka, &K::group_id), rules::name, "Consumer group of the persister."),
      choice<kafka::OffsetReset>(
          "KafkaSettings:AutoOffsetReset", At(&S::kafka, &K::auto_offset_reset),
          {{"earliest", kafka::OffsetReset::earliest}, {"latest", kafka::OffsetReset::latest}},
          "Where a group begins at its first start: earliest stores what lay in the topic before, latest does not."),
      text("KafkaSettings:TopicPrefix", At(&S::kafka, &K::topic_prefix), rules::topic_prefix,
           "Put in front of every topic's name."),
      time<milliseconds>("KafkaSettings:PublishTimeoutMs",
                         AtEach(At(&S::kafka, &K::publish_timeout),
                                At(&S::admission, &api::AdmissionControl::Options::publish_timeout)),
                         K::publish_timeout_bounds, "How long a request waits for the log before it is answered 504."),
      number("KafkaSettings:Partitions", At(&S::kafka, &K::partitions), K::partitions_bounds,
             "Of topics made at start."),
      number("KafkaSettings:ReplicationFactor", At(&S::kafka, &K::replication_factor), K::replication_factor_bounds,
             "Of topics made at start; 0 is the brokers' own default."),
      time<hours>("KafkaSettings:RetentionHours", At(&S::kafka, &K::retention_age_max), K::retention_age_bounds,
                  "How long topics made at start keep records; longer than any outage of the store may last."),
      map("KafkaSettings:Client:*", At(&S::kafka, &K::client),
          {"Passed through to librdkafka.", is_secret_name, reserved_client_property},
          "Any librdkafka property, passed through. In the environment \"_\" stands for \".\"."),
  };
}

Entries mongodb_keys() {
  using M = mongodb::Options;
  return {
      text("MongoDbSettings:ConnectionString", At(&S::mongodb, &M::connection_string), rules::mongodb_url,
           "Servers, sign-in, TLS and pool in MongoDB's own form.", mask_credentials),
      text("MongoDbSettings:DatabaseName", At(&S::mongodb, &M::database_name), rules::database_name,
           "Database that holds conversations and messages."),
  };
}

Entries request_limit_keys() {
  using http::HeadLimits;
  using http::RequestLimits;
  return {
      number("Limits:ContentBytes", in_limits(&Limits::content_bytes_max), Limits::content_bytes_bounds,
             "Content of one message."),
      number("Limits:IdBytes", in_limits(&Limits::id_bytes_max), Limits::id_bytes_bounds,
             "Any id that a client chooses."),
      number("Limits:BodyBytes", kRequest / &RequestLimits::body_bytes_max, RequestLimits::body_bytes_bounds,
             "Body of one request."),
      number("Limits:HeaderBytes", kHead / &HeadLimits::header_bytes_max, HeadLimits::header_bytes_bounds,
             "All headers of one request together, without the request line."),
      number("Limits:Headers", kHead / &HeadLimits::headers_max, HeadLimits::headers_bounds, "Headers of one request."),
      number("Limits:TargetBytes", kHead / &HeadLimits::line_bytes_max, HeadLimits::line_bytes_bounds,
             "Request line: method, target and version."),
      list("Limits:SenderTypes", in_limits(&Limits::sender_types), rules::sender_type, "Values senderType may have."),
      number("Limits:Connections",
             AtEach(At(&S::server, &http::ServerOptions::connections_max),
                    kConnections / &signalr::TransportEndpointOptions::connections_max),
             http::ServerOptions::connections_bounds, "Open connections; further ones are refused."),
  };
}

Entries pipeline_limit_keys() {
  using embedded::AppendOptions;
  using Admission = api::AdmissionControl::Options;
  return {
      number(
          "Limits:AppendQueueRecords",
          AtEach(kAppend / &AppendOptions::queue_records_max, At(&S::kafka, &kafka::Options::append_queue_records_max)),
          AppendOptions::queue_records_bounds, "Records waiting for the log; further requests are refused."),
      number("Limits:AppendQueueBytes",
             AtEach(kAppend / &AppendOptions::queue_bytes_max, At(&S::kafka, &kafka::Options::append_queue_bytes_max)),
             AppendOptions::queue_bytes_bounds, "Bytes waiting for the log; further requests are refused."),
      number("Limits:ConversationBacklogMessages", kBacklog / &BacklogLimit::messages, BacklogLimit::messages_bounds,
             "Messages of one conversation that wait for its members, fewer with over 50 of them; further ones are "
             "refused."),
      number("Limits:ConversationBacklogBytes", kBacklog / &BacklogLimit::bytes, BacklogLimit::bytes_bounds,
             "The same in bytes."),
      number("Limits:LagRecords", kAppend / &AppendOptions::lag_records_max, AppendOptions::lag_records_bounds,
             "Records in the embedded log that are not stored yet; further requests are refused. Kafka has its "
             "retention."),
      number(
          "Limits:StoreQueue", At(&S::process, &Process::store_queue_max), Process::store_queue_bounds,
          "Questions to the store that may wait for a thread. Further requests are refused; joins and catch-up of hub "
          "clients ask again."),
      time<milliseconds>(
          "Limits:QueueWaitMs",
          AtEach(At(&S::admission, &Admission::queue_wait_max), kAppend / &AppendOptions::queue_wait_max),
          Admission::queue_wait_bounds,
          "How long a message may wait in our own queues before its append begins; later ones are refused."),
      number("Limits:MemoryBytes", At(&S::process, &Process::memory_bytes_max), Process::memory_bytes_bounds,
             "Memory of this process; near it caches are dropped, then messages refused. 0: three quarters of what "
             "the control group or the machine allows."),
      text("Limits:CgroupRoot", At(&S::process, &Process::cgroup_root), rules::path,
           "Where the file system of control groups lies."),
      number("Limits:RecentMessages",
             AtEach(At(&S::ingress, &Ingress::Options::recent_messages_max),
                    At(&S::delivery, &DeliveryOptions::recent_senders_max)),
             Ingress::Options::recent_messages_bounds, "Messages whose first answer is remembered for retries."),
      number("Limits:ConversationCache", At(&S::conversations, &ConversationDirectory::Options::entries_max),
             ConversationDirectory::Options::entries_bounds, "Conversations kept in memory."),
      number("Limits:RememberedTokens", At(&S::access, &access::Options::remembered_tokens_max),
             access::Options::remembered_tokens_bounds, "Verified tokens that are remembered."),
      number("Limits:MembershipCache", At(&S::membership, &access::Membership::Options::entries_max),
             access::Membership::Options::entries_bounds, "Memberships kept in memory."),
  };
}

Entries hub_limit_keys() {
  using signalr::ConnectionOptions;
  using signalr::TransportOptions;
  return {
      number("Limits:HubEgressBytes",
             AtEach(kTransport / &TransportOptions::egress_bytes_max,
                    kConnection / &ConnectionOptions::unacknowledged_bytes_max),
             TransportOptions::egress_bytes_bounds,
             "Bytes waiting for one hub client; a slower one is closed and may come back."),
      number("Limits:HubReceiveBytes", kConnection / &ConnectionOptions::message_bytes_max,
             ConnectionOptions::message_bytes_bounds, "One SignalR message from a client."),
      number(
          "Limits:HubPostBytes", kTransport / &TransportOptions::post_bytes_max, TransportOptions::post_bytes_bounds,
          "One POST of a hub client without WebSockets, or one compressed message; it may hold many SignalR messages."),
      number("Limits:HubSubscriptions", At(&S::delivery, &DeliveryOptions::subscriptions_max),
             DeliveryOptions::subscriptions_bounds, "Conversations one hub connection may join."),
      number("Limits:ViewReports", At(&S::views, &ViewVerifier::Options::waiting_max),
             ViewVerifier::Options::waiting_bounds,
             "Reports of hub clients about their views that wait to be compared with the store."),
  };
}

Entries http_keys() {
  using http::SessionOptions;
  return {
      time<milliseconds>("Http:HeaderTimeoutMs", kSession / &SessionOptions::header_timeout,
                         SessionOptions::timeout_bounds, "For a client to send a request's headers."),
      time<milliseconds>("Http:BodyTimeoutMs", kSession / &SessionOptions::body_timeout, SessionOptions::timeout_bounds,
                         "For a client to send a request's body."),
      time<milliseconds>("Http:IdleTimeoutMs", kSession / &SessionOptions::idle_timeout, SessionOptions::timeout_bounds,
                         "For a kept connection to stay without a request."),
  };
}

Entries hub_keys() {
  using signalr::ConnectionOptions;
  using signalr::PropertyNames;
  using signalr::TransportOptions;
  return {
      time<milliseconds>("Hub:KeepAliveIntervalMs", kConnection / &ConnectionOptions::keep_alive_interval,
                         ConnectionOptions::timeout_bounds, "Silence after which the hub sends a ping."),
      time<milliseconds>("Hub:ClientTimeoutMs", kConnection / &ConnectionOptions::client_timeout,
                         ConnectionOptions::timeout_bounds, "Silence after which a hub client counts as gone."),
      time<milliseconds>("Hub:HandshakeTimeoutMs", kConnection / &ConnectionOptions::handshake_timeout,
                         ConnectionOptions::timeout_bounds, "For a hub client to send its handshake."),
      time<milliseconds>("Hub:DisconnectTimeoutMs", kTransport / &TransportOptions::disconnect_timeout,
                         TransportOptions::timeout_bounds,
                         "For a client without WebSockets to come back with its next request."),
      time<milliseconds>("Hub:PollTimeoutMs", kTransport / &TransportOptions::poll_timeout,
                         TransportOptions::timeout_bounds,
                         "How long a poll of a long-polling client waits for something to tell."),
      on_off("Hub:StatefulReconnect", kConnections / &signalr::TransportEndpointOptions::allow_stateful_reconnect,
             "Lets clients that ask for it lose their WebSocket and go on with another one, without a new connection."),
      on_off("Hub:Compression", kCompression / &signalr::CompressionOptions::enabled,
             "Compress long messages for WebSocket clients that offer it (permessage-deflate), and take theirs."),
      number("Hub:CompressFromBytes", kCompression / &signalr::CompressionOptions::bytes_min,
             signalr::CompressionOptions::bytes_min_bounds, "Shorter messages are sent to such clients as they are."),
      choice<PropertyNames>(
          "Hub:MessagePackPropertyNames", kConnection / &ConnectionOptions::message_pack_names,
          {{"camelCase", PropertyNames::camel_case}, {"PascalCase", PropertyNames::pascal_case}},
          "How the members of messages are named in MessagePack. C# classes without attributes need PascalCase; one "
          "client can ask for it by ?messagePackPropertyNames=PascalCase."),
      on_off("Hub:DetailedErrors", kConnection / &ConnectionOptions::calls / &signalr::CallOptions::detailed_errors,
             "Send the texts of internal errors to clients."),
      list("Cors:AllowedOrigins", At(&S::web, &Web::allowed_origins), rules::origin,
           "Web origins other than our own that may call the service."),
      list("ForwardedHeaders:KnownProxies", At(&S::web, &Web::known_proxies), rules::ip_address,
           "Proxies whose X-Forwarded-For, -Proto and -Host are believed."),
      list("ForwardedHeaders:KnownNetworks", At(&S::web, &Web::known_networks), rules::network,
           "Networks of such proxies."),
      number("ForwardedHeaders:ForwardLimit", At(&S::web, &Web::forward_limit), http::ForwardedHeaders::hops_bounds,
             "Proxies in a row: how many entries of these headers are followed, from the right."),
  };
}

Entries operation_keys() {
  using E = embedded::Options;
  using logging::Level;
  return {
      time<hours>("Retention:MaxAgeHours", At(&S::embedded, &E::retention_age_max), E::retention_age_bounds,
                  "Age at which consumed records leave the embedded log."),
      number("Retention:MaxBytes", At(&S::embedded, &E::retention_bytes_max), E::retention_bytes_bounds,
             "Size of the embedded log above which the oldest consumed records leave it."),
      time<milliseconds>("Retention:CheckIntervalMs", At(&S::embedded, &E::retention_interval),
                         E::retention_interval_bounds, "How often the two are looked at."),
      choice<Level>("Logging:Level", At(&S::logging, &logging::Options::level),
                    {{"Trace", Level::trace},
                     {"Debug", Level::debug},
                     {"Information", Level::information},
                     {"Warning", Level::warning},
                     {"Error", Level::error},
                     {"Critical", Level::error},
                     {"None", Level::none}},
                    "Lowest level written; Debug has lines for every message."),
      choice<logging::Format>("Logging:Format", At(&S::logging, &logging::Options::format),
                              {{"Text", logging::Format::text}, {"Json", logging::Format::json}},
                              "Lines for people, or one JSON object a line."),
      number("Logging:QueueLines", At(&S::logging, &logging::Options::queue_lines),
             logging::Options::queue_lines_bounds,
             "Lines waiting to be written; when full, the oldest are dropped and counted."),
      time<milliseconds>("Shutdown:TimeoutMs", At(&S::process, &Process::shutdown_timeout),
                         Process::shutdown_timeout_bounds, "For everything to drain after SIGTERM."),
      time<milliseconds>("Shutdown:DelayMs", At(&S::process, &Process::shutdown_delay), Process::shutdown_delay_bounds,
                         "Before that: how long requests are still taken while /health/ready is 503, so that "
                         "balancers turn away first."),
      time<milliseconds>("Shutdown:ReconnectWithinMs", At(&S::process, &Process::reconnect_within),
                         Process::reconnect_within_bounds,
                         "Each hub client is told in ServiceStopping to wait for a random part of this before it "
                         "connects again."),
      time<milliseconds>("Canary:IntervalMs", At(&S::canary, &Canary::Options::interval),
                         Canary::Options::interval_bounds,
                         "How often a node with the roles api and hub posts a message to itself and times its way to "
                         "its own hub; 2000 for the alert within 15 s, 0 never."),
      number("Server:Threads", At(&S::process, &Process::threads), Process::threads_bounds,
             "Threads for requests; 0 is one a core."),
      list("Demo:Conversations", At(&S::process, &Process::demo_conversations), rules::conversation_id,
           "Conversations made at start where missing."),
      on_off("Bench:NoopRoute", At(&S::process, &Process::noop_route),
             "A route that answers at once, to measure against."),
      number(
          "Testing:RecordVersion", At(&S::process, &Process::record_version), Process::record_version_bounds,
          "For tests of upgrades alone: plays a later program, which reads records of this version and writes messages "
          "as such once all nodes read them; 0 plays none."),
  };
}

}  // namespace

const std::vector<Entry>& schema() {
  static const Entries entries = [] {
    Entries all;
    for (const auto keys :
         {provider_keys, persistence_keys, kafka_keys, mongodb_keys, access_keys, rate_limit_keys, request_limit_keys,
          pipeline_limit_keys, hub_limit_keys, http_keys, hub_keys, operation_keys, trace_keys}) {
      add(all, keys());
    }
    return all;
  }();
  return entries;
}

}  // namespace message_service::config
