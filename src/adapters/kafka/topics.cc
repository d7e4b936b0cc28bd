#include "adapters/kafka/topics.h"

#include <string_view>
#include <thread>
#include <vector>

#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "observe/log.h"

namespace message_service::kafka {

namespace {

// A dead letter is its record and some headers: it must fit wherever the record did.
constexpr const char* kDeadLetterBytesMax = "2097152";

enum class Compaction { loses_messages, loses_events };

NewTopic new_topic(const Options& options, const std::string& name, bool keep_for_ever) {
  const auto age = keep_for_ever ? std::string("-1") : std::to_string(options.retention_age_max.count());
  NewTopic topic{.name = name, .configs = {{"cleanup.policy", "delete"}, {"retention.ms", age}}};
  if (options.replication_factor >= 3) topic.configs.emplace("min.insync.replicas", "2");
  if (keep_for_ever) topic.configs.emplace("max.message.bytes", kDeadLetterBytesMax);
  return topic;
}

Result<void> check(Cluster& cluster, const Options& options, const std::string& topic, std::int32_t partitions,
                   Compaction compaction) {
  if (partitions < options.partitions) {
    log::warning("Topic " + topic +
                     " has fewer partitions than configured; it is used as it is, because adding some "
                     "would move conversations",
                 {{"partitions", partitions}, {"configured", options.partitions}});
  }
  const auto configs = cluster.topic_configs(topic, options.connect_timeout);
  if (!configs) {
    log::warning("The settings of topic " + topic + " cannot be checked: " + configs.error().text);
    return {};
  }
  const auto policy = configs->find("cleanup.policy");
  if (policy == configs->end() || policy->second.find("compact") == std::string::npos) return {};
  if (compaction == Compaction::loses_messages) {
    return Error{ErrorCode::invalid, "topic " + topic + " has cleanup.policy=" + policy->second +
                                         ", which keeps one message of each conversation only; it must be delete"};
  }
  log::warning("Topic " + topic + " has cleanup.policy=" + policy->second +
               ": clients may have to look into the store for what it drops");
  return {};
}

// A new topic is known to every broker a moment after it was made.
Result<void> await_topics(Cluster& cluster, const Options& options, const std::vector<NewTopic>& made) {
  const SteadyTime deadline = SteadyClock::now() + options.connect_timeout;
  for (const NewTopic& topic : made) {
    while (true) {
      const auto offsets = cluster.offsets(topic.name, options.connect_timeout);
      if (offsets) break;
      if (SteadyClock::now() >= deadline) return offsets.error();
      std::this_thread::sleep_for(Milliseconds(20));
    }
  }
  return {};
}

}  // namespace

Result<void> ensure_topics(Cluster& cluster, const Options& options) {
  struct Wanted {
    NewTopic topic;
    Compaction compaction;
  };
  const TopicNames names(options);
  const std::vector<Wanted> all{{new_topic(options, names.requested, false), Compaction::loses_messages},
                                {new_topic(options, names.sent, false), Compaction::loses_events},
                                {new_topic(options, names.dead, true), Compaction::loses_messages}};
  std::vector<NewTopic> missing;
  for (const Wanted& wanted : all) {
    const auto partitions = cluster.partitions(wanted.topic.name, options.connect_timeout);
    if (!partitions) return partitions.error();
    if (!*partitions) {
      missing.push_back(wanted.topic);
    } else if (auto good = check(cluster, options, wanted.topic.name, **partitions, wanted.compaction); !good) {
      return good;
    }
  }
  if (missing.empty()) return {};
  if (auto made = cluster.create_topics(missing, options.connect_timeout); !made) return made;
  for (const NewTopic& topic : missing) log::info("Topic " + topic.name + " was made");
  return await_topics(cluster, options, missing);
}

}  // namespace message_service::kafka
