#include <algorithm>
#include <optional>

#include "model/record_sizes.h"
#include "model/record_version.h"
#include "service/doctor/findings.h"

namespace message_service::service {

namespace {

constexpr const char* kKafka = "kafka";

std::optional<long long> number(const kafka::TopicReport& topic, const char* name) {
  const auto found = topic.configs.find(name);
  if (found == topic.configs.end()) return std::nullopt;
  try {
    return std::stoll(found->second);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string brokers_text(const kafka::ClusterReport& report) {
  std::string text = std::to_string(report.brokers.size()) + (report.brokers.size() == 1 ? " broker: " : " brokers: ");
  for (const kafka::BrokerReport& broker : report.brokers) {
    if (text.back() != ' ') text += ", ";
    text += broker.address;
  }
  return text + "; librdkafka " + report.client_version;
}

void judge_partitions(const kafka::TopicReport& topic, const config::Settings& settings, Findings& found) {
  if (topic.partitions < settings.kafka.partitions) {
    found.push_back({kKafka, Verdict::hint,
                     "topic " + topic.name + " has " + std::to_string(topic.partitions) +
                         " partitions, KafkaSettings:Partitions is " + std::to_string(settings.kafka.partitions),
                     "It is used as it is. To add some, see \"Adding partitions\" in docs/operations.md"});
  }
}

// acks=all means: as many replicas as min.insync.replicas have a message before Kafka confirms it.
void judge_replication(const kafka::TopicReport& topic, std::size_t brokers, Findings& found) {
  const long long least = number(topic, "min.insync.replicas").value_or(1);
  const std::string what = "topic " + topic.name + ": " + std::to_string(topic.replicas) + " replicas, " +
                           std::to_string(topic.in_sync) + " in sync, min.insync.replicas " + std::to_string(least);
  if (least > topic.replicas) {
    found.push_back({kKafka, Verdict::wrong, what,
                     "With acks=all nothing can be written: lower min.insync.replicas or add replicas"});
  } else if (topic.in_sync < least) {
    found.push_back({kKafka, Verdict::wrong, what,
                     "Nothing can be written until more brokers are back: start them and see their logs"});
  } else if (topic.in_sync < topic.replicas) {
    found.push_back({kKafka, Verdict::wrong, what, "A broker is away or behind: start it and see its log"});
  } else if (topic.replicas == 1 && brokers > 1) {
    found.push_back({kKafka, Verdict::hint, what,
                     "One broker's disk holds the only copy: raise the topic's replicas with Kafka's reassignment tool "
                     "and set KafkaSettings:ReplicationFactor for new ones"});
  } else if (topic.replicas > 1 && least == topic.replicas) {
    found.push_back({kKafka, Verdict::hint, what,
                     "Any broker that is away stops all writing: set min.insync.replicas one below the replicas"});
  } else if (topic.replicas > 2 && least < 2) {
    found.push_back({kKafka, Verdict::hint, what,
                     "A message may be confirmed by one broker alone: set min.insync.replicas=2 on the topic"});
  } else {
    found.push_back({kKafka, Verdict::well, what, ""});
  }
}

// `expected_ms` -1: for ever.
void judge_retention(const kafka::TopicReport& topic, long long expected_ms, Findings& found) {
  const auto policy = topic.configs.find("cleanup.policy");
  if (policy != topic.configs.end() && policy->second != "delete") {
    found.push_back({kKafka, Verdict::wrong, "topic " + topic.name + " has cleanup.policy=" + policy->second,
                     "Set cleanup.policy=delete: compaction keeps one record of each conversation only"});
  }
  const long long age = number(topic, "retention.ms").value_or(-1);
  const long long bytes = number(topic, "retention.bytes").value_or(-1);
  if (age >= 0 && (expected_ms < 0 || age < expected_ms)) {
    found.push_back(
        {kKafka, Verdict::hint,
         "topic " + topic.name + " keeps records for " + std::to_string(age / 3'600'000) + " h, " +
             (expected_ms < 0 ? "and should for ever"
                              : "KafkaSettings:RetentionHours is " + std::to_string(expected_ms / 3'600'000)),
         "Set retention.ms=" + std::to_string(expected_ms) + " on the topic"});
  }
  if (bytes >= 0) {
    found.push_back({kKafka, Verdict::hint,
                     "topic " + topic.name + " has retention.bytes=" + std::to_string(bytes) +
                         ": Kafka deletes by size, whether a record is stored or not",
                     "Set retention.bytes=-1, or make sure that it holds more than the longest outage of the store"});
  }
}

// Kafka refuses records that a clock stamps more than an hour ahead, and deletes by the time that records carry.
void judge_times(const kafka::TopicReport& topic, Findings& found) {
  const auto type = topic.configs.find("message.timestamp.type");
  if (type == topic.configs.end() || type->second == "LogAppendTime") return;
  found.push_back({kKafka, Verdict::wrong, "topic " + topic.name + " has message.timestamp.type=" + type->second,
                   "With a wrong clock Kafka refuses messages, or deletes them before they are stored: set "
                   "message.timestamp.type=LogAppendTime on the topic. The service sets it when it starts, if it may"});
}

void judge_sizes(const kafka::TopicReport& topic, const Limits& limits, Findings& found) {
  const auto most = number(topic, "max.message.bytes");
  if (!most) return;
  const auto plain = static_cast<long long>(record_bytes_plain(limits.content_bytes_max, limits.id_bytes_max));
  const auto escaped = static_cast<long long>(record_bytes_escaped(limits.content_bytes_max, limits.id_bytes_max));
  if (*most >= escaped) return;
  const bool too_small = *most < plain;
  found.push_back({kKafka, too_small ? Verdict::wrong : Verdict::hint,
                   "topic " + topic.name + " has max.message.bytes=" + std::to_string(*most) +
                       ", and a message may need " + std::to_string(too_small ? plain : escaped) +
                       " because of Limits:ContentBytes and Limits:IdBytes" +
                       (too_small ? "" : ", where its content is of control characters"),
                   "Set max.message.bytes=" + std::to_string(escaped) + " on the topic, or lower Limits:ContentBytes"});
}

}  // namespace

Findings judge_kafka(const kafka::ClusterReport& report, const config::Settings& settings) {
  Findings found{{kKafka, Verdict::well, brokers_text(report), ""}};
  if (std::cmp_greater(settings.kafka.replication_factor, report.brokers.size())) {
    found.push_back({kKafka, Verdict::wrong,
                     "KafkaSettings:ReplicationFactor is " + std::to_string(settings.kafka.replication_factor) +
                         " and " + std::to_string(report.brokers.size()) + " brokers are there",
                     "Topics cannot be made so: start the other brokers or lower it"});
  } else if (settings.kafka.replication_factor == 1 && report.brokers.size() > 1) {
    found.push_back({kKafka, Verdict::hint, "KafkaSettings:ReplicationFactor is 1 with several brokers",
                     "Set it to 3 before topics are made, so that the loss of a broker loses nothing"});
  }
  for (std::size_t i = 0; i < report.topics.size(); ++i) {
    const kafka::TopicReport& topic = report.topics[i];
    if (topic.partitions == 0) {
      found.push_back({kKafka, Verdict::hint, "there is no topic " + topic.name,
                       "The service makes it when it starts, if it may; otherwise make it by hand"});
      continue;
    }
    const bool dead_letters = i == 2;  // requested, sent, dead
    judge_partitions(topic, settings, found);
    judge_replication(topic, report.brokers.size(), found);
    judge_times(topic, found);
    judge_sizes(topic, settings.limits(), found);
    judge_retention(topic, dead_letters ? -1 : settings.kafka.retention_age_max.count(), found);
  }
  return found;
}

Findings check_kafka(const config::Settings& settings) {
  kafka::Options options = settings.kafka;
  options.connect_timeout = kDoctorPatience;
  const auto down = [](const base::Error& error) {
    const char* advice =
        error.code == base::ErrorCode::invalid
            ? "Put KafkaSettings right"
            : "Start the brokers, or correct KafkaSettings:BootstrapServers and :Client (TLS, sign-in)";
    return Findings{{kKafka, Verdict::wrong, error.text, advice}};
  };
  const auto inspector = kafka::Inspector::open(options);
  if (!inspector) return down(inspector.error());
  const auto report = (*inspector)->report();
  if (!report) return down(report.error());
  Findings found = judge_kafka(*report, settings);
  const auto lags = (*inspector)->group_lag();
  if (!lags && lags.error().code == base::ErrorCode::not_found) return found;
  if (!lags) {
    found.push_back({kKafka, Verdict::wrong, lags.error().text, "See the brokers' logs and what this user may do"});
    return found;
  }
  std::uint64_t waiting = 0;
  bool committed = false;
  bool lost = false;
  for (const kafka::GroupLag& lag : *lags) {
    waiting += lag.lag;
    committed = committed || lag.committed;
    lost = lost || (lag.committed && *lag.committed < lag.begin);
  }
  for (const kafka::GroupLag& lag : *lags) {
    if (lag.lag == 0 || !lag.committed) continue;
    const auto next = (*inspector)->record_at({.partition = lag.partition, .offset = *lag.committed});
    const int version = next && *next ? required_version(**next).value_or(1) : 1;
    if (version <= settings.reads_records()) continue;
    found.push_back({kKafka, Verdict::wrong,
                     "the next record of partition " + std::to_string(lag.partition) + " needs version " +
                         std::to_string(version) + ", and this program reads up to version " +
                         std::to_string(settings.reads_records()),
                     "Start newer persisters; see docs/upgrading.md"});
  }
  found.push_back({kKafka, lost ? Verdict::wrong : Verdict::well,
                   "group " + settings.kafka.group_id + (committed ? "" : " has stored nothing yet;") + " lag " +
                       std::to_string(waiting) + (lost ? ", and Kafka has deleted records that were not stored" : ""),
                   lost ? "Longer retention, and persisters that keep up; what was deleted is lost" : ""});
  return found;
}

}  // namespace message_service::service
