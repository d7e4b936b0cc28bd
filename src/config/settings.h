// Every setting of the service as plain typed structs, and the functions that read them.
//
// Values: load() makes them once at start, and each part that needs some gets a copy. No globals, no thread of its own.
// load() never throws and never stops at the first mistake: it reads everything and reports every mistake at once. The
// keys, defaults, bounds and help texts are declared once, in schema.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace message_service::config {

enum class EventLog { embedded, kafka };
enum class MessageStore { embedded, mongodb };
enum class PersistenceMode { write_behind, synchronous };
enum class DeadLetterOrder { pass, park };
enum class OffsetReset { earliest, latest };
enum class PropertyNames { camel_case, pascal_case };
enum class LogLevel { trace, debug, information, warning, error, none };
enum class LogFormat { text, json };

struct Providers {
  EventLog event_log = EventLog::embedded;
  MessageStore message_store = MessageStore::embedded;
  std::string data_directory = "data";
};

struct MessagePersistence {
  PersistenceMode mode = PersistenceMode::write_behind;
  std::uint64_t batch_size = 50;
  std::uint64_t max_batch_size = 1000;
  std::uint64_t flush_interval_ms = 1000;
  bool flush_when_idle = true;
  std::uint64_t workers = 0;  // persisters of this node; 0: as many as pay
  DeadLetterOrder dead_letter_order = DeadLetterOrder::pass;
};

struct KafkaSettings {
  std::string bootstrap_servers = "localhost:9092";
  std::string group_id = "message-service-group";
  OffsetReset auto_offset_reset = OffsetReset::earliest;
  std::string topic_prefix;
  std::uint64_t publish_timeout_ms = 5000;
  std::uint64_t partitions = 6;               // of topics that are made; existing topics keep theirs
  std::uint64_t replication_factor = 0;       // 0: the broker's own default
  std::uint64_t retention_hours = 168;        // of topics that are made
  std::map<std::string, std::string> client;  // KafkaSettings:Client:*, handed to librdkafka as it is
};

struct MongoDbSettings {
  std::string connection_string = "mongodb://localhost:27017";
  std::string database_name = "message_service";
};

struct Limits {
  std::uint64_t content_bytes = 16'384;
  std::uint64_t id_bytes = 128;
  std::uint64_t body_bytes = 65'536;
  std::uint64_t header_bytes = 32'768;
  std::uint64_t headers = 100;
  std::uint64_t target_bytes = 8192;
  std::vector<std::string> sender_types{"Parent", "Teacher", "Student", "Admin", "System"};
  std::uint64_t connections = 20'000;
  std::uint64_t append_queue_records = 65'536;
  std::uint64_t append_queue_bytes = 64 << 20;
  std::uint64_t conversation_backlog_messages = 2000;
  std::uint64_t conversation_backlog_bytes = 4 << 20;
  std::uint64_t lag_records = 10'000'000;
  std::uint64_t store_queue = 16'384;  // questions to the store that wait for a thread
  std::uint64_t queue_wait_ms = 100;
  std::uint64_t memory_bytes = 0;  // 0: a part of the memory of the control group or the machine
  std::string cgroup_root = "/sys/fs/cgroup";
  std::uint64_t recent_messages = 65'536;      // entries of the idempotency window
  std::uint64_t conversation_cache = 100'000;  // entries
  std::uint64_t hub_egress_bytes = 1 << 20;    // a client
  std::uint64_t hub_receive_bytes = 32'768;    // a SignalR message
  std::uint64_t hub_post_bytes = 1 << 20;      // a POST of a client without WebSockets
  std::uint64_t hub_subscriptions = 1000;      // a connection
};

struct Http {
  std::uint64_t header_timeout_ms = 10'000;
  std::uint64_t body_timeout_ms = 15'000;
  std::uint64_t idle_timeout_ms = 60'000;
};

struct Retention {  // of log records that have been consumed
  std::uint64_t max_age_hours = 168;
  std::uint64_t max_bytes = 1 << 30;
  std::uint64_t check_interval_ms = 60'000;
};

struct Hub {
  std::uint64_t keep_alive_interval_ms = 15'000;
  std::uint64_t client_timeout_ms = 30'000;
  std::uint64_t handshake_timeout_ms = 15'000;
  std::uint64_t disconnect_timeout_ms = 15'000;
  std::uint64_t poll_timeout_ms = 90'000;
  bool stateful_reconnect = true;
  bool compression = false;
  std::uint64_t compress_from_bytes = 1024;  // of a hub message with its framing
  PropertyNames message_pack_names = PropertyNames::camel_case;
  bool detailed_errors = false;
};

struct Cors {
  std::vector<std::string> allowed_origins;
};

struct ForwardedHeaders {
  std::vector<std::string> known_proxies;   // IP addresses
  std::vector<std::string> known_networks;  // ADDRESS/BITS
  std::uint64_t forward_limit = 1;
};

struct Logging {
  LogLevel level = LogLevel::information;
  LogFormat format = LogFormat::text;
  std::uint64_t queue_lines = 8192;
};

struct Shutdown {
  std::uint64_t timeout_ms = 10'000;
};

struct Demo {
  std::vector<std::string> conversations;  // ids, created at start when missing
};

struct Bench {
  bool noop_route = false;
};

struct Testing {
  std::uint64_t record_version = 0;  // 0: the program's own
};

struct Server {
  std::uint64_t threads = 0;  // 0: one a core
};

struct Settings {
  std::string urls = "http://127.0.0.1:5005";
  std::string allowed_hosts = "*";  // separated by ';'
  Providers providers;
  MessagePersistence message_persistence;
  KafkaSettings kafka;
  MongoDbSettings mongodb;
  Limits limits;
  Http http;
  Retention retention;
  Hub hub;
  Cors cors;
  ForwardedHeaders forwarded_headers;
  Logging logging;
  Shutdown shutdown;
  Demo demo;
  Bench bench;
  Testing testing;
  Server server;
};

// One of `Urls` taken apart. The host is an IP address, a name, or "*" or "+" for every address; port 0 lets the
// operating system choose, and a URL without a port means 80.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<Endpoint> parse_endpoint(std::string_view url);
// `Urls`: one or several, separated by ';'.
std::optional<std::vector<Endpoint>> parse_endpoints(std::string_view urls);

bool is_ip_address(std::string_view text);
bool is_network(std::string_view text);  // "10.0.0.0/8"

struct LoadInput {
  std::optional<std::string> file;  // named by the user, so it must exist; none: appsettings.json where present
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> flags;  // in any form of .NET's command line: "--Section:Key=VALUE", "/Key VALUE"
};

// The process's environment in the form LoadInput wants. Call before other threads start.
std::vector<std::pair<std::string, std::string>> process_environment();

struct Mistake {
  std::string source;  // a file's path, "environment" or "command line"
  std::string key;
  std::string text;  // the fault, and the right form
};

// One setting as `config print` shows it. Secrets are already masked.
struct Option {
  std::string key;
  std::string type;
  std::string value;
  std::string origin;  // "default", a file's path, "environment" or "command line"
  std::string help;
  std::string default_value;
  std::string bounds;  // "1 to 100000", "Embedded or Kafka", "" where any value is right
};

struct Loaded {
  Settings settings;  // to be used only when there are no mistakes
  std::vector<Mistake> mistakes;
  std::vector<Mistake> notices;  // settings without effect, or with another effect than the user may expect
  std::vector<Option> options;   // in the order of the schema
};

// File, then appsettings.ENVIRONMENT.json, then environment, then flags; the later one wins.
Loaded load(const LoadInput& input);

std::string print_text(const Loaded& loaded);
std::string print_json(const Loaded& loaded);

// One line a mistake: "appsettings.json: MessagePersistence:BatchSize: must be …".
std::string print_mistakes(const std::vector<Mistake>& mistakes);

}  // namespace message_service::config
