#include "adapters/kafka/restored_store.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "adapters/kafka/group_commits.h"
#include "adapters/kafka/group_committer.h"
#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kAskAgainAfter = Milliseconds(500);

// What all partitions together ask for.
struct Plan {
  StoredPlaces::ByPartition notes;
  std::set<std::int32_t> anew;  // of the notes
  PartitionList back;           // the group's new positions
  PartitionList as_it_is;       // its positions now, of the same partitions
  std::int64_t again = 0;
  bool restored = false;
  std::string gone;  // in words
};

void add(rd_kafka_topic_partition_list_t& to, const rd_kafka_topic_partition_t& of, const CommittedPlace& place) {
  auto* const added = rd_kafka_topic_partition_list_add(&to, of.topic, of.partition);
  added->offset = *place.next;
  set_metadata(*added, place);
}

Plan plan_of(const rd_kafka_topic_partition_list_t& committed, const std::vector<OffsetRange>& log,
             const StoredPlaces::ByPartition& noted, Loss loss) {
  Plan plan{.notes = {},
            .anew = {},
            .back = make_partition_list(log.size()),
            .as_it_is = make_partition_list(log.size()),
            .gone = {}};
  for (int i = 0; i < committed.cnt; ++i) {
    const auto& element = committed.elems[i];
    const auto known = noted.find(element.partition);
    CommittedPlace place = place_of(element);
    const Comparison what = compare(place, known == noted.end() ? std::nullopt : std::optional(known->second),
                                    log[static_cast<std::size_t>(element.partition)]);
    plan.restored = plan.restored || what.restored;
    if (what.gone > 0) {
      plan.gone.append(plan.gone.empty() ? "" : ", ").append(std::to_string(what.gone));
      plan.gone.append(" of partition ").append(std::to_string(element.partition));
    }
    if (what.anew) plan.anew.insert(element.partition);
    if (what.note) plan.notes[element.partition] = *what.note;
    if (!what.restored && !what.go_back_to) continue;
    const std::int64_t next = what.go_back_to.value_or(*place.next);
    if (what.gone > 0 && loss == Loss::accepted) plan.notes[element.partition] = next;
    add(*plan.as_it_is, element, place);
    // From now on the commit says of the store what is so.
    const auto note = plan.notes.find(element.partition);
    place.stored = note != plan.notes.end() ? note->second : known == noted.end() ? 0 : known->second;
    plan.again += *place.next - next;
    place.next = next;
    add(*plan.back, element, place);
  }
  return plan;
}

base::Error records_are_gone(const std::string& which) {
  return {base::ErrorCode::invalid,
          "the store was restored from a backup, and Kafka has deleted records that were stored after it: " + which +
              ". Restore a newer backup; or take the loss for granted by message-service backup restored, and what "
              "Kafka still has is stored again. See docs/backup.md"};
}

}  // namespace

Comparison compare(const CommittedPlace& committed, std::optional<std::int64_t> noted, OffsetRange log) {
  if (!committed.next) return {};
  const std::int64_t done = *committed.next;
  // Programs without notes have committed last: what they stored is in no note.
  if (!committed.stored && noted.value_or(-1) < done) return {.note = done};
  const std::int64_t stored = noted.value_or(0);
  if (stored > log.end) return {.note = done, .anew = true};
  if (stored >= done) return {};
  Comparison what{.restored = committed.stored && stored < *committed.stored};
  const std::int64_t next = std::max(stored, log.begin);
  if (next < done) what.go_back_to = next;
  if (what.restored) what.gone = std::min(next, done) - stored;
  return what;
}

base::Result<void> compare_with_store(Cluster& cluster, const Options& options, StoredPlaces& store, Loss loss) {
  const base::SteadyTime deadline = base::SteadyClock::now() + options.connect_timeout;
  const std::string topic = TopicNames(options).requested;
  auto committer = GroupCommitter::make(options);
  if (!committer) return committer.error();
  const auto cluster_id = cluster.id(options.connect_timeout);
  if (!cluster_id) return cluster_id.error();
  const std::string log = log_id_of(*cluster_id, topic);
  bool begun = false;
  while (true) {
    const auto partitions = cluster.partitions(topic, options.connect_timeout);
    if (!partitions) return partitions.error();
    // In this order, for other nodes go on: the store knows what it had at the commit, and the log has what is noted.
    const std::int32_t count = partitions->value_or(0);
    const auto committed = make_partition_list(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) rd_kafka_topic_partition_list_add(committed.get(), topic.c_str(), i);
    if (auto read = committer->read(*committed, options.connect_timeout); !read) return read;
    const auto noted = store.noted(log);
    if (!noted) return noted.error();
    const auto ranges = cluster.offsets(topic, options.connect_timeout);
    if (!ranges) return ranges.error();
    if (ranges->size() < static_cast<std::size_t>(count)) {
      return base::Error{base::ErrorCode::unavailable, "topic " + topic + " has fewer partitions than a moment ago"};
    }
    const Plan plan = plan_of(*committed, *ranges, *noted, loss);
    if (!plan.gone.empty() && loss == Loss::refused) return records_are_gone(plan.gone);
    // A history begins when nothing is in its way: a group with members would take the new positions back, and each
    // attempt would begin another one.
    auto moved = plan.restored ? committer->commit(*plan.as_it_is, options.connect_timeout) : base::Result<void>();
    if (moved && plan.restored && !std::exchange(begun, true)) {
      if (auto history = store.begin_new_history(); !history) return history;
      logging::warning(
          "The store was restored from a backup: what it lacks is read again from Kafka, and a new history begins",
          {{"records", plan.again}});
    }
    if (moved && !plan.notes.empty()) {
      if (auto kept = store.note(log, plan.notes, plan.anew); !kept) return kept;
    }
    if (plan.back->cnt == 0) return {};
    if (moved) moved = committer->commit(*plan.back, options.connect_timeout);
    if (moved || moved.error().code != base::ErrorCode::conflict) return moved;
    if (!plan.restored) return {};  // the group's members go on from where they are
    if (base::SteadyClock::now() >= deadline) {
      return base::Error{base::ErrorCode::conflict, "the store was restored from a backup, and group " +
                                                        options.group_id +
                                                        " has members still. Stop every node, then start them again"};
    }
    std::this_thread::sleep_for(kAskAgainAfter);
  }
}

}  // namespace message_service::kafka
