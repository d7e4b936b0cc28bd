#include "adapters/kafka/first_start.h"

#include <string>
#include <thread>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kAgainAfter = Milliseconds(100);

// A client that commits for the group without joining it. librdkafka's admin calls do not survive a group whose
// coordinator is not there yet.
class Committer {
 public:
  static base::Result<Committer> make(const Options& options) {
    auto conf = make_conf(
        options, {},
        {{"group.id", options.group_id}, {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}});
    if (!conf) return conf.error();
    auto client = make_consumer(std::move(*conf));
    if (!client) return client.error();
    return Committer(std::move(*client));
  }

  // Whether the group has a position in any of the partitions.
  base::Result<bool> has_any(rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout) {
    const auto error = rd_kafka_committed(client_.get(), &partitions, count_of(timeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kWhat);
    for (int i = 0; i < partitions.cnt; ++i) {
      const auto& element = partitions.elems[i];
      if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(element.err, kWhat);
      if (element.offset >= 0) return true;
    }
    return false;
  }

  // `conflict` when the group has members.
  base::Result<void> commit(const rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout) {
    const Queue answers(rd_kafka_queue_new(client_.get()));
    auto error = rd_kafka_commit_queue(client_.get(), &partitions, answers.get(), nullptr, nullptr);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kWhat);
    const EventPtr answer(rd_kafka_queue_poll(answers.get(), count_of(timeout)));
    if (!answer) return base::Error{base::ErrorCode::unavailable, "Kafka did not answer in time"};
    error = rd_kafka_event_error(answer.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kWhat);
    return {};
  }

 private:
  static constexpr const char* kWhat = "settle where the group begins";
  explicit Committer(Consumer client) : client_(std::move(client)) {}
  Consumer client_;
};

// True: settled. When some partitions have a position, the ones without were added later, and are read from their
// beginning.
base::Result<bool> settled(Cluster& cluster, Committer& committer, const Options& options) {
  const std::string topic = TopicNames(options).requested;
  // Asks for the ends first. When two nodes start together, the one that commits last then commits offsets before every
  // message that the other one has accepted.
  const auto ranges = cluster.offsets(topic, options.connect_timeout);
  if (!ranges) return ranges.error();
  const auto partitions = make_partition_list(ranges->size());
  for (std::size_t i = 0; i < ranges->size(); ++i) {
    rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), static_cast<std::int32_t>(i));
  }
  const auto known = committer.has_any(*partitions, options.connect_timeout);
  if (!known) return known.error();
  if (*known) return true;
  for (std::size_t i = 0; i < ranges->size(); ++i) {
    const bool latest = options.auto_offset_reset == OffsetReset::latest;
    partitions->elems[i].offset = latest ? (*ranges)[i].end : (*ranges)[i].begin;
  }
  const auto done = committer.commit(*partitions, options.connect_timeout);
  if (done) return true;
  if (done.error().code == base::ErrorCode::conflict) return false;  // the group's members settle it
  return done.error();
}

}  // namespace

base::Result<void> settle_first_start(Cluster& cluster, const Options& options) {
  const base::SteadyTime deadline = base::SteadyClock::now() + options.connect_timeout;
  auto committer = Committer::make(options);
  if (!committer) return committer.error();
  while (true) {
    const auto done = settled(cluster, *committer, options);
    if (done && *done) return {};
    if (base::SteadyClock::now() < deadline) {
      std::this_thread::sleep_for(kAgainAfter);
      continue;
    }
    if (done) return {};  // the group has members, and each of them has settled it before it joined
    if (options.auto_offset_reset == OffsetReset::latest) {
      return base::Error{base::ErrorCode::unavailable,
                         "it cannot be settled where group " + options.group_id +
                             " begins (KafkaSettings:AutoOffsetReset is latest): " + done.error().text};
    }
    logging::warning("Group " + options.group_id + " has no position in the log yet: " + done.error().text);
    return {};
  }
}

}  // namespace message_service::kafka
