#include "adapters/kafka/first_start.h"

#include <string>
#include <thread>
#include <utility>

#include "adapters/kafka/group_committer.h"
#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kAgainAfter = Milliseconds(100);

// Whether the group has a position in any of the partitions.
base::Result<bool> has_any(GroupCommitter& committer, rd_kafka_topic_partition_list_t& partitions,
                           Milliseconds timeout) {
  if (auto read = committer.read(partitions, timeout); !read) return read.error();
  for (int i = 0; i < partitions.cnt; ++i) {
    if (partitions.elems[i].offset >= 0) return true;
  }
  return false;
}

// True: settled. When some partitions have a position, the ones without were added later, and are read from their
// beginning.
base::Result<bool> settled(Cluster& cluster, GroupCommitter& committer, const Options& options) {
  const std::string topic = TopicNames(options).requested;
  // Asks for the ends first. When two nodes start together, the one that commits last then commits offsets before every
  // message that the other one has accepted.
  const auto ranges = cluster.offsets(topic, options.connect_timeout);
  if (!ranges) return ranges.error();
  const auto partitions = make_partition_list(ranges->size());
  for (std::size_t i = 0; i < ranges->size(); ++i) {
    rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), static_cast<std::int32_t>(i));
  }
  const auto known = has_any(committer, *partitions, options.connect_timeout);
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
  auto committer = GroupCommitter::make(options);
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
