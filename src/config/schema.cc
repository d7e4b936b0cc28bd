#include "config/schema.h"

#include "config/rules.h"

namespace message_service::config {

namespace {

using S = Settings;
using Entries = std::vector<Entry>;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;
constexpr Range few_minutes_ms{1, 600'000};
constexpr Range timeout_ms{100, 600'000};

void add(Entries& all, Entries more) { std::move(more.begin(), more.end(), std::back_inserter(all)); }

Entries providers() {
  return {
      text("Urls", Top{&S::urls}, rules::listen_urls,
           "Where to listen; localhost is 127.0.0.1 and ::1, * every address, and port 0 takes a free one."),
      text("AllowedHosts", Top{&S::allowed_hosts}, rules::allowed_hosts,
           "Hosts that requests may ask for, others are answered 400; *.example.com are all below example.com."),
      choice<At<Providers, EventLog>, EventLog>("Providers:EventLog", At{&S::providers, &Providers::event_log},
                                                {{"Embedded", EventLog::embedded}, {"Kafka", EventLog::kafka}},
                                                "Where messages are made durable before they are accepted."),
      choice<At<Providers, MessageStore>, MessageStore>(
          "Providers:MessageStore", At{&S::providers, &Providers::message_store},
          {{"Embedded", MessageStore::embedded}, {"MongoDb", MessageStore::mongodb}}, "Where messages are stored."),
      text("Providers:DataDirectory", At{&S::providers, &Providers::data_directory}, rules::path,
           "Folder of the embedded log and store."),
  };
}

Entries persistence() {
  using M = MessagePersistence;
  constexpr auto section = &S::message_persistence;
  return {
      choice<At<M, PersistenceMode>, PersistenceMode>(
          "MessagePersistence:Mode", At{section, &M::mode},
          {{"WriteBehind", PersistenceMode::write_behind}, {"Synchronous", PersistenceMode::synchronous}},
          "WriteBehind answers 202 when the log has the message, Synchronous 201 when the store has it."),
      number("MessagePersistence:BatchSize", At{section, &M::batch_size}, {1, 100'000},
             "Messages buffered that start a write."),
      number("MessagePersistence:MaxBatchSize", At{section, &M::max_batch_size}, {1, 100'000},
             "How far a batch may grow while the write before it is under way."),
      number("MessagePersistence:FlushIntervalMs", At{section, &M::flush_interval_ms}, few_minutes_ms,
             "Age of the oldest buffered message that starts a write."),
      on_off("MessagePersistence:FlushWhenIdle", At{section, &M::flush_when_idle},
             "Write at once when the log has nothing more to read."),
      number("MessagePersistence:Workers", At{section, &M::workers}, {0, 64},
             "Persisters of this node, which share the partitions; 0 is two for Kafka. The embedded log has one."),
      choice<At<M, DeadLetterOrder>, DeadLetterOrder>(
          "MessagePersistence:DeadLetterOrder", At{section, &M::dead_letter_order},
          {{"Pass", DeadLetterOrder::pass}, {"Park", DeadLetterOrder::park}},
          "What later messages of a conversation do when one is dead: Pass it, or Park behind it until it is retried."),
  };
}

Entries kafka() {
  using K = KafkaSettings;
  constexpr auto section = &S::kafka;
  return {
      text("KafkaSettings:BootstrapServers", At{section, &K::bootstrap_servers}, rules::servers,
           "Brokers to ask first."),
      text("KafkaSettings:GroupId", At{section, &K::group_id}, rules::name, "Consumer group of the persister."),
      choice<At<K, OffsetReset>, OffsetReset>(
          "KafkaSettings:AutoOffsetReset", At{section, &K::auto_offset_reset},
          {{"earliest", OffsetReset::earliest}, {"latest", OffsetReset::latest}},
          "Where a group begins at its first start: earliest stores what lay in the topic before, latest does not."),
      text("KafkaSettings:TopicPrefix", At{section, &K::topic_prefix}, rules::topic_prefix,
           "Put in front of every topic's name."),
      number("KafkaSettings:PublishTimeoutMs", At{section, &K::publish_timeout_ms}, timeout_ms,
             "How long a request waits for the log before it is answered 504."),
      number("KafkaSettings:Partitions", At{section, &K::partitions}, {1, 10'000}, "Of topics made at start."),
      number("KafkaSettings:ReplicationFactor", At{section, &K::replication_factor}, {0, 100},
             "Of topics made at start; 0 is the brokers' own default."),
      number("KafkaSettings:RetentionHours", At{section, &K::retention_hours}, {1, 87'600},
             "How long topics made at start keep records; longer than any outage of the store may last."),
      map("KafkaSettings:Client:*", At{section, &K::client},
          "Any librdkafka property, passed through. In the environment \"_\" stands for \".\"."),
  };
}

Entries mongodb() {
  using M = MongoDbSettings;
  return {
      text("MongoDbSettings:ConnectionString", At{&S::mongodb, &M::connection_string}, rules::mongodb_url,
           "Servers, sign-in, TLS and pool in MongoDB's own form.", mask_credentials),
      text("MongoDbSettings:DatabaseName", At{&S::mongodb, &M::database_name}, rules::database_name,
           "Database that holds conversations and messages."),
  };
}

Entries request_limits() {
  using L = Limits;
  constexpr auto section = &S::limits;
  return {
      number("Limits:ContentBytes", At{section, &L::content_bytes}, {1, 10 * mib}, "Content of one message."),
      number("Limits:IdBytes", At{section, &L::id_bytes}, {16, 1024}, "Any id that a client chooses."),
      number("Limits:BodyBytes", At{section, &L::body_bytes}, {256, 64 * mib}, "Body of one request."),
      number("Limits:HeaderBytes", At{section, &L::header_bytes}, {1 * kib, 1 * mib},
             "All headers of one request together, without the request line."),
      number("Limits:Headers", At{section, &L::headers}, {10, 10'000}, "Headers of one request."),
      number("Limits:TargetBytes", At{section, &L::target_bytes}, {64, 64 * kib},
             "Request line: method, target and version."),
      list("Limits:SenderTypes", At{section, &L::sender_types}, rules::sender_type, "Values senderType may have."),
      number("Limits:Connections", At{section, &L::connections}, {1, 1'000'000},
             "Open connections; further ones are refused."),
      number("Limits:AppendQueueRecords", At{section, &L::append_queue_records}, {1, 10'000'000},
             "Records waiting for the log; further requests are refused."),
      number("Limits:AppendQueueBytes", At{section, &L::append_queue_bytes}, {64 * kib, 16 * gib},
             "Bytes waiting for the log; further requests are refused."),
      number("Limits:ConversationBacklogMessages", At{section, &L::conversation_backlog_messages}, {1, 1'000'000},
             "Messages of one conversation that wait for its members, fewer with over 50 of them; further ones are "
             "refused."),
      number("Limits:ConversationBacklogBytes", At{section, &L::conversation_backlog_bytes}, {64 * kib, 1 * gib},
             "The same in bytes."),
      number("Limits:LagRecords", At{section, &L::lag_records}, {1, 1'000'000'000'000},
             "Records in the log that are not stored yet; further requests are refused."),
      number(
          "Limits:StoreQueue", At{section, &L::store_queue}, {1, 1'000'000},
          "Questions to the store that may wait for a thread. Further requests are refused; joins and catch-up of hub "
          "clients ask again."),
      number("Limits:QueueWaitMs", At{section, &L::queue_wait_ms}, {20, 60'000},
             "How long a message may wait in our own queues before its append begins; later ones are refused."),
      number("Limits:MemoryBytes", At{section, &L::memory_bytes}, {0, 64 * kib * gib},
             "Memory of this process; near it caches are dropped, then messages refused. 0: three quarters of what "
             "the control group or the machine allows."),
      text("Limits:CgroupRoot", At{section, &L::cgroup_root}, rules::path,
           "Where the file system of control groups lies."),
      number("Limits:RecentMessages", At{section, &L::recent_messages}, {1, 100'000'000},
             "Messages whose first answer is remembered for retries."),
      number("Limits:ConversationCache", At{section, &L::conversation_cache}, {1, 100'000'000},
             "Conversations kept in memory."),
  };
}

Entries hub_limits() {
  using L = Limits;
  constexpr auto section = &S::limits;
  return {
      number("Limits:HubEgressBytes", At{section, &L::hub_egress_bytes}, {16 * kib, 1 * gib},
             "Bytes waiting for one hub client; a slower one is closed and may come back."),
      number("Limits:HubReceiveBytes", At{section, &L::hub_receive_bytes}, {1 * kib, 64 * mib},
             "One SignalR message from a client."),
      number(
          "Limits:HubPostBytes", At{section, &L::hub_post_bytes}, {1 * kib, 64 * mib},
          "One POST of a hub client without WebSockets, or one compressed message; it may hold many SignalR messages."),
      number("Limits:HubSubscriptions", At{section, &L::hub_subscriptions}, {1, 100'000},
             "Conversations one hub connection may join."),
  };
}

Entries http() {
  using H = Http;
  return {
      number("Http:HeaderTimeoutMs", At{&S::http, &H::header_timeout_ms}, timeout_ms,
             "For a client to send a request's headers."),
      number("Http:BodyTimeoutMs", At{&S::http, &H::body_timeout_ms}, timeout_ms,
             "For a client to send a request's body."),
      number("Http:IdleTimeoutMs", At{&S::http, &H::idle_timeout_ms}, timeout_ms,
             "For a kept connection to stay without a request."),
  };
}

Entries hub() {
  using H = Hub;
  return {
      number("Hub:KeepAliveIntervalMs", At{&S::hub, &H::keep_alive_interval_ms}, timeout_ms,
             "Silence after which the hub sends a ping."),
      number("Hub:ClientTimeoutMs", At{&S::hub, &H::client_timeout_ms}, timeout_ms,
             "Silence after which a hub client counts as gone."),
      number("Hub:HandshakeTimeoutMs", At{&S::hub, &H::handshake_timeout_ms}, timeout_ms,
             "For a hub client to send its handshake."),
      number("Hub:DisconnectTimeoutMs", At{&S::hub, &H::disconnect_timeout_ms}, timeout_ms,
             "For a client without WebSockets to come back with its next request."),
      number("Hub:PollTimeoutMs", At{&S::hub, &H::poll_timeout_ms}, timeout_ms,
             "How long a poll of a long-polling client waits for something to tell."),
      on_off("Hub:StatefulReconnect", At{&S::hub, &H::stateful_reconnect},
             "Lets clients that ask for it lose their WebSocket and go on with another one, without a new connection."),
      on_off("Hub:Compression", At{&S::hub, &H::compression},
             "Compress long messages for WebSocket clients that offer it (permessage-deflate), and take theirs."),
      number("Hub:CompressFromBytes", At{&S::hub, &H::compress_from_bytes}, {128, 64 * mib},
             "Shorter messages are sent to such clients as they are."),
      choice<At<H, PropertyNames>, PropertyNames>(
          "Hub:MessagePackPropertyNames", At{&S::hub, &H::message_pack_names},
          {{"camelCase", PropertyNames::camel_case}, {"PascalCase", PropertyNames::pascal_case}},
          "How the members of messages are named in MessagePack. C# classes without attributes need PascalCase; one "
          "client can ask for it by ?messagePackPropertyNames=PascalCase."),
      on_off("Hub:DetailedErrors", At{&S::hub, &H::detailed_errors}, "Send the texts of internal errors to clients."),
      list("Cors:AllowedOrigins", At{&S::cors, &Cors::allowed_origins}, rules::origin,
           "Web origins other than our own that may call the service."),
      list("ForwardedHeaders:KnownProxies", At{&S::forwarded_headers, &ForwardedHeaders::known_proxies},
           rules::ip_address, "Proxies whose X-Forwarded-For, -Proto and -Host are believed."),
      list("ForwardedHeaders:KnownNetworks", At{&S::forwarded_headers, &ForwardedHeaders::known_networks},
           rules::network, "Networks of such proxies."),
      number("ForwardedHeaders:ForwardLimit", At{&S::forwarded_headers, &ForwardedHeaders::forward_limit}, {1, 64},
             "Proxies in a row: how many entries of these headers are followed, from the right."),
  };
}

Entries operation() {
  return {
      number("Retention:MaxAgeHours", At{&S::retention, &Retention::max_age_hours}, {1, 87'600},
             "Age at which consumed records leave the embedded log."),
      number("Retention:MaxBytes", At{&S::retention, &Retention::max_bytes}, {1 * mib, 1024 * gib},
             "Size of the embedded log above which the oldest consumed records leave it."),
      number("Retention:CheckIntervalMs", At{&S::retention, &Retention::check_interval_ms}, {100, 86'400'000},
             "How often the two are looked at."),
      choice<At<Logging, LogLevel>, LogLevel>("Logging:Level", At{&S::logging, &Logging::level},
                                              {{"Trace", LogLevel::trace},
                                               {"Debug", LogLevel::debug},
                                               {"Information", LogLevel::information},
                                               {"Warning", LogLevel::warning},
                                               {"Error", LogLevel::error},
                                               {"Critical", LogLevel::error},
                                               {"None", LogLevel::none}},
                                              "Lowest level written; Debug has lines for every message."),
      choice<At<Logging, LogFormat>, LogFormat>("Logging:Format", At{&S::logging, &Logging::format},
                                                {{"Text", LogFormat::text}, {"Json", LogFormat::json}},
                                                "Lines for people, or one JSON object a line."),
      number("Logging:QueueLines", At{&S::logging, &Logging::queue_lines}, {16, 1'000'000},
             "Lines waiting to be written; when full, the oldest are dropped and counted."),
      number("Shutdown:TimeoutMs", At{&S::shutdown, &Shutdown::timeout_ms}, timeout_ms,
             "For everything to drain after SIGTERM."),
      number("Server:Threads", At{&S::server, &Server::threads}, {0, 1024}, "Threads for requests; 0 is one a core."),
      list("Demo:Conversations", At{&S::demo, &Demo::conversations}, rules::conversation_id,
           "Conversations made at start where missing."),
      on_off("Bench:NoopRoute", At{&S::bench, &Bench::noop_route}, "A route that answers at once, to measure against."),
      number(
          "Testing:RecordVersion", At{&S::testing, &Testing::record_version}, {0, 999},
          "For tests of upgrades alone: plays a later program, which reads records of this version and writes messages "
          "as such once all nodes read them; 0 plays none."),
  };
}

}  // namespace

const std::vector<Entry>& schema() {
  static const Entries entries = [] {
    Entries all;
    for (const auto section :
         {providers, persistence, kafka, mongodb, request_limits, hub_limits, http, hub, operation}) {
      add(all, section());
    }
    return all;
  }();
  return entries;
}

}  // namespace message_service::config
