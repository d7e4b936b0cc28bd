#include "adapters/kafka/client_conf.h"

#include <array>
#include <string_view>
#include <utility>

#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr const char* kClientId = "client.id";
constexpr const char* kDefaultClientId = "message-service";
constexpr std::string_view kReadsRecords = "/reads-records-";

struct Promise {
  std::string_view property;
  std::string_view value;  // the only value that keeps the promise; empty: no user's value does
  std::string_view why;
};

constexpr std::array<Promise, 13> kPromises{{
    {"acks", "all", "a 202 means that every in-sync replica has the message"},
    {"request.required.acks", "all", "a 202 means that every in-sync replica has the message"},
    {"enable.idempotence", "true", "retries would double and reorder messages"},
    {"enable.auto.commit", "false", "positions are committed when the store has the messages"},
    {"auto.commit.enable", "false", "positions are committed when the store has the messages"},
    {"enable.auto.offset.store", "false", "positions are committed when the store has the messages"},
    {"partition.assignment.strategy", "range", "partitions are handed over all at once"},
    {"bootstrap.servers", "", "it is KafkaSettings:BootstrapServers"},
    {"metadata.broker.list", "", "it is KafkaSettings:BootstrapServers"},
    {"group.id", "", "it is KafkaSettings:GroupId"},
    {"group.instance.id", "", "one process has several consumers in the group"},
    {"auto.offset.reset", "", "it is KafkaSettings:AutoOffsetReset"},
    {"transactional.id", "", "the service's producers are not transactional"},
}};

// librdkafka may write the same value in another way.
bool same_value(std::string_view given, std::string_view promised) {
  return given == promised || (promised == "all" && given == "-1");
}

base::Error wrong_property(std::string_view name, const std::string& text) {
  return {base::ErrorCode::invalid, "KafkaSettings:Client:" + std::string(name) + ": " + text};
}

logging::Level level_of(int syslog_level) {
  if (syslog_level <= 2) return logging::Level::error;
  if (syslog_level <= 4) return logging::Level::warning;
  return syslog_level <= 6 ? logging::Level::information : logging::Level::debug;
}

void write_log(const rd_kafka_t* /*client*/, int syslog_level, const char* facility, const char* text) {
  // One set of properties serves producers and consumers, so a warning about the other kind's properties is expected.
  const bool expected = std::string_view(facility) == "CONFWARN";
  const logging::Level level = expected ? logging::Level::debug : level_of(syslog_level);
  if (logging::enabled(level)) logging::write(level, std::string("Kafka client: ") + text);
}

base::Result<void> set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> problem{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), problem.data(), problem.size()) != RD_KAFKA_CONF_OK) {
    return wrong_property(name, problem.data());
  }
  return {};
}

}  // namespace

base::Result<void> check_client_properties(const Options& options) {
  const Conf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : options.client) {
    for (const Promise& promise : kPromises) {
      if (name != promise.property || same_value(value, promise.value)) continue;
      const std::string other = promise.value.empty() ? "" : "other than " + std::string(promise.value) + " ";
      return wrong_property(name, "cannot be set " + other + "here: " + std::string(promise.why));
    }
    if (auto good = set(*conf, name, value); !good) return good;
  }
  return {};
}

base::Result<Conf> make_conf(const Options& options, const Properties& defaults, const Properties& fixed) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), write_log);
  const Properties common{{kClientId, kDefaultClientId},
                          {"socket.nagle.disable", "true"},
                          // The other members soon take over the partitions of a dead member.
                          {"session.timeout.ms", "6000"},
                          {"heartbeat.interval.ms", "2000"},
                          {"reconnect.backoff.max.ms", "1000"},
                          {"topic.metadata.refresh.interval.ms", "30000"},  // how soon added partitions are used
                          {"log.connection.close", "false"}};
  for (const Properties* properties : {&common, &defaults}) {
    for (const auto& [name, value] : *properties) {
      if (auto good = set(*conf, name, value); !good) return good.error();
    }
  }
  for (const auto& [name, value] : options.client) {
    if (auto good = set(*conf, name, value); !good) return good.error();
  }
  if (auto good = set(*conf, "bootstrap.servers", options.bootstrap_servers); !good) return good.error();
  for (const auto& [name, value] : fixed) {
    if (auto good = set(*conf, name, value); !good) return good.error();
  }
  return conf;
}

std::string persister_client_id(const Options& options) {
  const auto own = options.client.find(kClientId);
  const std::string name = own == options.client.end() ? kDefaultClientId : own->second;
  return name + std::string(kReadsRecords) + std::to_string(options.reads_records);
}

int records_read_by(std::string_view client_id) {
  const auto at = client_id.rfind(kReadsRecords);
  if (at == std::string_view::npos) return 1;
  return parse_record_version(client_id.substr(at + kReadsRecords.size())).value_or(1);
}

base::Result<Client> make_client(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> problem{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), problem.data(), problem.size());
  if (client == nullptr) return base::Error{base::ErrorCode::invalid, std::string("KafkaSettings: ") + problem.data()};
  (void)conf.release();  // belongs to the client now
  return Client(client);
}

}  // namespace message_service::kafka
