#include "adapters/kafka/topics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

// A dead letter is its record and some headers: it must fit wherever the record did.
constexpr std::size_t kDeadLetterBytesMax = 2'097'152;
constexpr std::size_t kKafkaBytesMax = 1'048'588;  // the brokers' default limit

constexpr const char* kTimestampType = "message.timestamp.type";
constexpr const char* kLogTime = "LogAppendTime";
constexpr const char* kBytesMax = "max.message.bytes";

enum class Kind { requested, sent, dead };

// The times are the log's: neither a producer's clock nor ours may make Kafka refuse a record or delete it early.
NewTopic new_topic(const Options& options, const std::string& name, Kind kind) {
  const bool keep_for_ever = kind == Kind::dead;
  const auto age = keep_for_ever ? std::string("-1") : std::to_string(options.retention_age_max.count());
  const std::size_t least = kind == Kind::dead ? kDeadLetterBytesMax : kKafkaBytesMax;
  NewTopic topic{.name = name,
                 .configs = {{"cleanup.policy", "delete"},
                             {"retention.ms", age},
                             {"retention.bytes", "-1"},
                             {kTimestampType, kLogTime},
                             {kBytesMax, std::to_string(std::max(least, options.record_bytes_max))}}};
  if (options.replication_factor >= 3) topic.configs.emplace("min.insync.replicas", "2");
  return topic;
}

using Configs = std::map<std::string, std::string>;

std::string value_of(const Configs& configs, const char* name) {
  const auto found = configs.find(name);
  return found == configs.end() ? std::string() : found->second;
}

base::Result<void> check_compaction(const std::string& topic, Kind kind, const std::string& policy) {
  if (policy.find("compact") == std::string::npos) return {};
  if (kind != Kind::sent) {
    return base::Error{base::ErrorCode::invalid,
                       "topic " + topic + " has cleanup.policy=" + policy +
                           ", which keeps one message of each conversation only; it must be delete"};
  }
  logging::warning("Topic " + topic + " has cleanup.policy=" + policy +
                   ": clients may have to look into the store for what it drops");
  return {};
}

base::Result<void> check_sizes(const std::string& topic, const Options& options, const std::string& bytes) {
  std::size_t most = 0;
  const auto read = std::from_chars(bytes.data(), bytes.data() + bytes.size(), most);
  if (read.ec != std::errc() || most >= options.record_bytes_least) return {};
  return base::Error{base::ErrorCode::invalid,
                     "topic " + topic + " has max.message.bytes=" + bytes + ", and a message may need " +
                         std::to_string(options.record_bytes_least) +
                         " because of Limits:ContentBytes and Limits:IdBytes; raise the topic's or lower "
                         "these"};
}

// Switches a topic from its producers' clocks to the log's, so that the topic takes and keeps records with the time of
// a wrong clock.
void go_by_log_time(Cluster& cluster, const Options& options, const std::string& topic, const std::string& type) {
  if (type.empty() || type == kLogTime) return;
  if (const auto set = cluster.set_topic_config(topic, kTimestampType, kLogTime, options.connect_timeout); set) {
    logging::warning("Topic " + topic + " went by its producers' clocks; it goes by the log's now",
                     {{"was", type}, {"is", kLogTime}});
  } else {
    logging::error(
        "Topic " + topic + " has message.timestamp.type=" + type + " and cannot be changed: " + set.error().text +
        ". With a wrong clock Kafka refuses messages or deletes them before they are stored: set it to " + kLogTime);
  }
}

base::Result<void> check(Cluster& cluster, const Options& options, const std::string& topic, std::int32_t partitions,
                         Kind kind) {
  if (partitions < options.partitions) {
    logging::warning("Topic " + topic +
                         " has fewer partitions than configured; it is used as it is, because adding some "
                         "would move conversations",
                     {{"partitions", partitions}, {"configured", options.partitions}});
  }
  const auto configs = cluster.topic_configs(topic, options.connect_timeout);
  if (!configs) {
    logging::warning("The settings of topic " + topic + " cannot be checked: " + configs.error().text);
    return {};
  }
  if (auto good = check_compaction(topic, kind, value_of(*configs, "cleanup.policy")); !good) return good;
  if (auto good = check_sizes(topic, options, value_of(*configs, kBytesMax)); !good) return good;
  go_by_log_time(cluster, options, topic, value_of(*configs, kTimestampType));
  return {};
}

// Every broker knows a new topic only a moment after it was made.
base::Result<void> await_topics(Cluster& cluster, const Options& options, const std::vector<NewTopic>& made) {
  const base::SteadyTime deadline = base::SteadyClock::now() + options.connect_timeout;
  for (const NewTopic& topic : made) {
    while (true) {
      const auto offsets = cluster.offsets(topic.name, options.connect_timeout);
      if (offsets) break;
      if (base::SteadyClock::now() >= deadline) return offsets.error();
      std::this_thread::sleep_for(Milliseconds(20));
    }
  }
  return {};
}

}  // namespace

base::Result<void> ensure_topics(Cluster& cluster, const Options& options) {
  const TopicNames names(options);
  const std::array<std::pair<Kind, std::string>, 3> all{
      {{Kind::requested, names.requested}, {Kind::sent, names.sent}, {Kind::dead, names.dead}}};
  std::vector<NewTopic> missing;
  for (const auto& [kind, name] : all) {
    const auto partitions = cluster.partitions(name, options.connect_timeout);
    if (!partitions) return partitions.error();
    if (!*partitions) {
      missing.push_back(new_topic(options, name, kind));
    } else if (auto good = check(cluster, options, name, **partitions, kind); !good) {
      return good;
    }
  }
  if (missing.empty()) return {};
  if (auto made = cluster.create_topics(missing, options.connect_timeout); !made) return made;
  for (const NewTopic& topic : missing) logging::info("Topic " + topic.name + " was made");
  return await_topics(cluster, options, missing);
}

}  // namespace message_service::kafka
