#include "adapters/kafka/cluster.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/topic_names.h"

namespace message_service::kafka {

namespace {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, base::Destroyer<rd_kafka_metadata_destroy>>;
using ConfigResource = base::Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using NewTopicPtr = base::Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using DeleteTopicPtr = base::Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using ListOffsets = base::Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;

constexpr auto kFaultPatience = Milliseconds(1000);

base::Result<Metadata> metadata_of(rd_kafka_t* client, rd_kafka_topic_t* topic, Milliseconds timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client, 0, topic, &raw, count_of(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, "ask Kafka for its topics");
  return Metadata(raw);
}

// Why no connection to a broker comes about, in librdkafka's words; empty when it does not say. It says so to a
// callback only, which must be served for as long as its client lives: a client of its own asks.
std::string connection_fault(const Options& options) {
  std::string fault;
  auto conf = make_conf(options, {}, {});
  if (!conf) return fault;
  rd_kafka_conf_set_opaque(conf->get(), &fault);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int error, const char* text, void* opaque) {
    if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) *static_cast<std::string*>(opaque) = text;
  });
  const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return fault;
  const base::SteadyTime end = base::SteadyClock::now() + kFaultPatience;
  while (fault.empty() && base::SteadyClock::now() < end) rd_kafka_poll(client->get(), count_of(kFaultPatience) / 20);
  return fault;
}

}  // namespace

base::Result<std::unique_ptr<Cluster>> Cluster::connect(const Options& options) {
  auto conf = make_conf(options, {}, {});
  if (!conf) return conf.error();
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));  // a producer would create the topics it asks for
  if (!client) return client.error();
  std::unique_ptr<Cluster> cluster(new Cluster(options, std::move(*client)));
  if (auto brokers = cluster->brokers(options.connect_timeout); !brokers) {
    const std::string fault = connection_fault(options);
    return base::Error{base::ErrorCode::unavailable, "no Kafka broker answers at " + options.bootstrap_servers +
                                                         " (KafkaSettings:BootstrapServers): " + brokers.error().text +
                                                         (fault.empty() ? "" : ": " + fault)};
  }
  return cluster;
}

base::Result<std::string> Cluster::id(Milliseconds timeout) {
  char* const raw = rd_kafka_clusterid(client_.get(), count_of(timeout));
  if (raw == nullptr) return base::Error{base::ErrorCode::unavailable, "no Kafka broker tells the cluster's id"};
  std::string id(raw);
  rd_kafka_mem_free(client_.get(), raw);
  return id;
}

base::Result<std::vector<BrokerAddress>> Cluster::brokers(Milliseconds timeout) {
  // Asks about one topic: without one the answer holds every topic of the cluster.
  const Topic handle(rd_kafka_topic_new(client_.get(), TopicNames(options_).requested.c_str(), nullptr));
  auto metadata = metadata_of(client_.get(), handle.get(), timeout);
  if (!metadata) return metadata.error();
  std::vector<BrokerAddress> brokers;
  for (int i = 0; i < (*metadata)->broker_cnt; ++i) {
    const auto& broker = (*metadata)->brokers[i];
    brokers.push_back({broker.id, broker.host, broker.port});
  }
  return brokers;
}

base::Result<std::optional<std::int32_t>> Cluster::partitions(const std::string& topic, Milliseconds timeout) {
  const Topic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (!handle) return base::Error{base::ErrorCode::invalid, "there can be no topic named \"" + topic + "\""};
  auto metadata = metadata_of(client_.get(), handle.get(), timeout);
  if (!metadata) return metadata.error();
  if ((*metadata)->topic_cnt == 0) return std::optional<std::int32_t>();
  const auto& found = (*metadata)->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<std::int32_t>();
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(found.err, "look at topic " + topic);
  return std::optional<std::int32_t>(found.partition_cnt);
}

base::Result<Replication> Cluster::replication(const std::string& topic, Milliseconds timeout) {
  const Topic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  auto metadata = metadata_of(client_.get(), handle.get(), timeout);
  if (!metadata) return metadata.error();
  if ((*metadata)->topic_cnt == 0 || (*metadata)->topics[0].partition_cnt == 0) {
    return base::Error{base::ErrorCode::not_found, "there is no topic " + topic};
  }
  const auto& found = (*metadata)->topics[0];
  Replication least{.replicas = found.partitions[0].replica_cnt, .in_sync = found.partitions[0].isr_cnt};
  for (int i = 1; i < found.partition_cnt; ++i) {
    least.replicas = std::min(least.replicas, found.partitions[i].replica_cnt);
    least.in_sync = std::min(least.in_sync, found.partitions[i].isr_cnt);
  }
  return least;
}

base::Result<OffsetRange> Cluster::offsets(const std::string& topic, std::int32_t partition, Milliseconds timeout) {
  const auto ranges = ends_of(topic, {partition}, timeout);
  if (!ranges) return ranges.error();
  return ranges->front();
}

base::Result<std::vector<OffsetRange>> Cluster::offsets(const std::string& topic, Milliseconds timeout) {
  const auto count = partitions(topic, timeout);
  if (!count) return count.error();
  if (!*count) return base::Error{base::ErrorCode::not_found, "there is no topic " + topic};
  std::vector<std::int32_t> all(static_cast<std::size_t>(**count));
  std::iota(all.begin(), all.end(), 0);
  return ends_of(topic, all, timeout);
}

// Asks by Kafka's special times. librdkafka's question for both ends at once, rd_kafka_query_watermark_offsets, waits
// for a broker that is down until its request times out: up to a minute, whatever timeout it is given (2.0.2).
base::Result<std::vector<OffsetRange>> Cluster::ends_of(const std::string& topic,
                                                        const std::vector<std::int32_t>& partitions,
                                                        Milliseconds timeout) {
  const base::SteadyTime deadline = base::SteadyClock::now() + timeout;
  std::vector<OffsetRange> ranges(partitions.size());
  for (const auto& [time, which] :
       {std::pair(RD_KAFKA_OFFSET_BEGINNING, &OffsetRange::begin), std::pair(RD_KAFKA_OFFSET_END, &OffsetRange::end)}) {
    const auto list = make_partition_list(partitions.size());
    for (const std::int32_t partition : partitions) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = time;
    }
    const auto left = std::max(std::chrono::ceil<Milliseconds>(deadline - base::SteadyClock::now()), Milliseconds(1));
    auto error = rd_kafka_offsets_for_times(client_.get(), list.get(), count_of(left));
    for (std::size_t i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < partitions.size(); ++i) {
      const auto* answer = rd_kafka_topic_partition_list_find(list.get(), topic.c_str(), partitions[i]);
      error = answer->err;
      ranges[i].*which = answer->offset;
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, "find the ends of " + topic);
  }
  return ranges;
}

base::Result<EventPtr> Cluster::administer(rd_kafka_admin_op_t kind, Milliseconds timeout, const Order& order) {
  const AdminOptions options(rd_kafka_AdminOptions_new(client_.get(), kind));
  std::array<char, 256> problem{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), count_of(timeout), problem.data(), problem.size());
  const Queue answers(rd_kafka_queue_new(client_.get()));
  order(options.get(), answers.get());
  EventPtr answer(rd_kafka_queue_poll(answers.get(), count_of(timeout) + 1000));
  if (!answer) return base::Error{base::ErrorCode::unavailable, "Kafka did not answer in time"};
  if (const auto error = rd_kafka_event_error(answer.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return base::Error{code_of(error), std::string("Kafka: ") + rd_kafka_event_error_string(answer.get())};
  }
  return answer;
}

base::Result<void> Cluster::create_topics(const std::vector<NewTopic>& topics, Milliseconds timeout) {
  std::vector<NewTopicPtr> owned;
  std::vector<rd_kafka_NewTopic_t*> list;
  for (const NewTopic& topic : topics) {
    std::array<char, 256> problem{};
    const int replicas = options_.replication_factor == 0 ? -1 : options_.replication_factor;
    owned.emplace_back(
        rd_kafka_NewTopic_new(topic.name.c_str(), options_.partitions, replicas, problem.data(), problem.size()));
    if (!owned.back())
      return base::Error{base::ErrorCode::invalid, "cannot make topic " + topic.name + ": " + problem.data()};
    list.push_back(owned.back().get());
    for (const auto& [name, value] : topic.configs) {
      rd_kafka_NewTopic_set_config(list.back(), name.c_str(), value.c_str());
    }
  }
  const auto answer = administer(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout, [&](const auto* options, auto* queue) {
    rd_kafka_CreateTopics(client_.get(), list.data(), list.size(), options, queue);
  });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return base::Error{code_of(error), std::string("cannot make topic ") + rd_kafka_topic_result_name(results[i]) +
                                           ": " + (text == nullptr ? rd_kafka_err2str(error) : text)};
  }
  return {};
}

base::Result<void> Cluster::delete_topics(const std::vector<std::string>& names, Milliseconds timeout) {
  std::vector<DeleteTopicPtr> owned;
  std::vector<rd_kafka_DeleteTopic_t*> list;
  list.reserve(names.size());
  for (const std::string& name : names)
    list.push_back(owned.emplace_back(rd_kafka_DeleteTopic_new(name.c_str())).get());
  const auto answer = administer(RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout, [&](const auto* options, auto* queue) {
    rd_kafka_DeleteTopics(client_.get(), list.data(), list.size(), options, queue);
  });
  if (!answer) return answer.error();
  return {};
}

base::Result<void> Cluster::describe_topic(const std::string& topic, Milliseconds timeout, const EachConfig& each) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* raw = resource.get();
  const auto answer = administer(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout, [&](const auto* options, auto* queue) {
    rd_kafka_DescribeConfigs(client_.get(), &raw, 1, options, queue);
  });
  if (!answer) return answer.error();
  std::size_t resources = 0;
  const auto** found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &resources);
  for (std::size_t i = 0; i < resources; ++i) {
    if (const auto error = rd_kafka_ConfigResource_error(found[i]); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return to_error(error, "read the settings of topic " + topic);
    }
    std::size_t count = 0;
    const auto** entries = rd_kafka_ConfigResource_configs(found[i], &count);
    for (std::size_t j = 0; j < count; ++j) each(*entries[j]);
  }
  return {};
}

base::Result<std::map<std::string, std::string>> Cluster::topic_configs(const std::string& topic,
                                                                        Milliseconds timeout) {
  std::map<std::string, std::string> configs;
  const auto described = describe_topic(topic, timeout, [&](const rd_kafka_ConfigEntry_t& entry) {
    const char* value = rd_kafka_ConfigEntry_value(&entry);
    configs.emplace(rd_kafka_ConfigEntry_name(&entry), value == nullptr ? "" : value);
  });
  if (!described) return described.error();
  return configs;
}

// The call replaces all settings that were made for the topic, so it sends the other settings along.
base::Result<void> Cluster::set_topic_config(const std::string& topic, const std::string& name,
                                             const std::string& value, Milliseconds timeout) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* raw = resource.get();
  auto described = describe_topic(topic, timeout, [&](const rd_kafka_ConfigEntry_t& entry) {
    const char* own = rd_kafka_ConfigEntry_value(&entry);
    if (rd_kafka_ConfigEntry_source(&entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG || own == nullptr) return;
    if (rd_kafka_ConfigEntry_name(&entry) != name) {
      rd_kafka_ConfigResource_set_config(raw, rd_kafka_ConfigEntry_name(&entry), own);
    }
  });
  if (!described) return described;
  rd_kafka_ConfigResource_set_config(raw, name.c_str(), value.c_str());
  const auto answer = administer(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeout, [&](const auto* options, auto* queue) {
    rd_kafka_AlterConfigs(client_.get(), &raw, 1, options, queue);
  });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto** results =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto error = rd_kafka_ConfigResource_error(results[i]); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return to_error(error, std::string("set ").append(name).append(" of topic ").append(topic));
    }
  }
  return {};
}

base::Result<std::vector<std::optional<std::int64_t>>> Cluster::committed(const std::string& group,
                                                                          const std::string& topic,
                                                                          std::int32_t partitions,
                                                                          Milliseconds timeout) {
  auto wanted = make_partition_list(static_cast<std::size_t>(partitions));
  for (std::int32_t p = 0; p < partitions; ++p) rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), p);
  const ListOffsets request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), wanted.get()));
  rd_kafka_ListConsumerGroupOffsets_t* raw = request.get();
  const auto answer =
      administer(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout, [&](const auto* options, auto* queue) {
        rd_kafka_ListConsumerGroupOffsets(client_.get(), &raw, 1, options, queue);
      });
  if (!answer) return answer.error();
  std::vector<std::optional<std::int64_t>> offsets(static_cast<std::size_t>(partitions));
  std::size_t groups = 0;
  const auto** found = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(answer->get()), &groups);
  for (std::size_t i = 0; i < groups; ++i) {
    if (const auto* error = rd_kafka_group_result_error(found[i])) {
      return to_error(rd_kafka_error_code(error), "read the offsets of group " + group);
    }
    const auto* list = rd_kafka_group_result_partitions(found[i]);
    for (int j = 0; list != nullptr && j < list->cnt; ++j) {
      const auto& element = list->elems[j];
      if (element.offset >= 0) offsets.at(static_cast<std::size_t>(element.partition)) = element.offset;
    }
  }
  return offsets;
}

base::Result<std::vector<GroupMember>> Cluster::members(const std::string& group, Milliseconds timeout) {
  const char* name = group.c_str();
  const auto answer =
      administer(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout, [&](const auto* options, auto* queue) {
        rd_kafka_DescribeConsumerGroups(client_.get(), &name, 1, options, queue);
      });
  if (!answer) return answer.error();
  std::size_t groups = 0;
  const auto** found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answer->get()), &groups);
  std::vector<GroupMember> members;
  for (std::size_t i = 0; i < groups; ++i) {
    const auto* error = rd_kafka_ConsumerGroupDescription_error(found[i]);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return to_error(rd_kafka_error_code(error), "read the members of group " + group);
    }
    for (std::size_t j = 0; j < rd_kafka_ConsumerGroupDescription_member_count(found[i]); ++j) {
      const auto* member = rd_kafka_ConsumerGroupDescription_member(found[i], j);
      members.push_back({rd_kafka_MemberDescription_client_id(member), rd_kafka_MemberDescription_host(member)});
    }
  }
  return members;
}

}  // namespace message_service::kafka
