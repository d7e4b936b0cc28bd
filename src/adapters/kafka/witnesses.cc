#include "adapters/kafka/witnesses.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/records.h"
#include "base/clock.h"
#include "base/hash.h"

namespace message_service::kafka {

namespace {

constexpr auto kConfirmAfter = Milliseconds(1000);
constexpr auto kNudge = Milliseconds(10);

template <class Seen>
Witnesses::ByPartition without(Witnesses::ByPartition witnesses, const Seen& seen) {
  std::erase_if(witnesses, [&](const auto& witness) { return seen.contains(witness.first); });
  return witnesses;
}

}  // namespace

Witness witness_of(const rd_kafka_message_t& message) {
  const std::string time = std::to_string(rd_kafka_message_timestamp(&message, nullptr));
  const base::Sha256 digest = base::sha256_of_parts({key_of(message), value_of(message), time});
  Witness witness{.offset = message.offset};
  for (std::size_t i = 0; i < sizeof witness.print; ++i) witness.print = witness.print << 8 | digest[i];
  return witness;
}

base::Result<std::unique_ptr<Witnesses>> Witnesses::make(const Options& options, Cluster& cluster) {
  // One batch of each partition is enough.
  auto client = make_lone_reader(options, "witnesses", {},
                                 {{"auto.offset.reset", "error"},
                                  {"enable.partition.eof", "true"},
                                  {"isolation.level", "read_uncommitted"},
                                  {"fetch.wait.max.ms", "10"},
                                  {"fetch.error.backoff.ms", "50"},
                                  {"fetch.message.max.bytes", "1"},
                                  {"queued.min.messages", "1"}});
  if (!client) return client.error();
  return std::unique_ptr<Witnesses>(new Witnesses(cluster, std::move(*client)));
}

Witnesses::Witnesses(Cluster& cluster, Consumer client) : cluster_(cluster), client_(std::move(client)) {
  thread_ = std::thread([this] { work(); });
}

Witnesses::~Witnesses() {
  {
    const std::scoped_lock lock(waiting_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Witnesses::work() {
  pthread_setname_np(pthread_self(), "kafka-witnesses");
  std::unique_lock lock(waiting_mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;  // callers that wait for the other tasks learn it from their futures
    auto task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

std::future<Witnesses::Testimonies> Witnesses::look_later(const std::string& topic, const ByPartition& witnesses,
                                                          Milliseconds timeout) {
  std::packaged_task<Testimonies()> task([=, this] { return look(topic, witnesses, timeout); });
  auto future = task.get_future();
  {
    const std::scoped_lock lock(waiting_mutex_);
    waiting_.push_back(std::move(task));
  }
  wake_.notify_one();
  return future;
}

Witnesses::Testimonies Witnesses::look(const std::string& topic, const ByPartition& witnesses, Milliseconds timeout) {
  if (witnesses.empty()) return {};
  const std::scoped_lock lock(mutex_);
  const Milliseconds each = timeout / witnesses.size();  // a partition without an answer takes no other's share
  // A client that does not know the topic would wait in vain.
  if (!known_.contains(topic)) {
    if (!warm_up(client_.get(), topic, timeout)) return {};
    known_.insert(topic);
  }
  auto seen = look_once(topic, witnesses, each);
  if (seen.size() < witnesses.size()) {
    // A client that has not found a topic asks for it again only after half a minute.
    if (!warm_up(client_.get(), topic, timeout)) return {};
    seen.merge(look_once(topic, without(witnesses, seen), each));
  }
  ByPartition short_ones;
  for (const auto& [partition, what] : seen) {
    if (what == Seen::beyond_the_end) short_ones.emplace(partition, witnesses.at(partition));
  }
  if (!short_ones.empty()) {
    // A new leader of a partition may for a moment show less than the old one did.
    std::this_thread::sleep_for(kConfirmAfter);
    for (const auto& [partition, what] : look_once(topic, short_ones, each)) seen[partition] = what;
  }
  Testimonies said;
  for (const auto& [partition, what] : seen) {
    if (what == Seen::same) said.emplace(partition, Testimony::same);
    if (what == Seen::gone) said.emplace(partition, Testimony::gone);
    if (what == Seen::other || what == Seen::beyond_the_end) said.emplace(partition, Testimony::other);
  }
  return said;
}

// Looks at one partition after the other: a broker that is asked for a little of several gives the first one's only.
std::map<std::int32_t, Witnesses::Seen> Witnesses::look_once(const std::string& topic, const ByPartition& witnesses,
                                                             Milliseconds each) {
  std::map<std::int32_t, Seen> seen;
  for (const auto& [partition, witness] : witnesses) {
    const Seen what = look_at(topic, partition, witness, base::SteadyClock::now() + each);
    if (what != Seen::nothing) seen.emplace(partition, what);
  }
  assign(client_.get(), nullptr);
  return seen;
}

Witnesses::Seen Witnesses::look_at(const std::string& topic, std::int32_t partition, const Witness& witness,
                                   base::SteadyTime deadline) {
  const auto place = make_partition_list(1);
  rd_kafka_topic_partition_list_add(place.get(), topic.c_str(), partition)->offset = witness.offset;
  if (assign(client_.get(), place.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return Seen::nothing;
  for (base::SteadyTime now = base::SteadyClock::now(); now < deadline; now = base::SteadyClock::now()) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - now);
    const MessagePtr message(rd_kafka_consumer_poll(client_.get(), count_of(std::min(left, kNudge))));
    if (message && code_of(message->err) == base::ErrorCode::not_found) return Seen::nothing;
    if (!message) nudge(*place);
    if (!message || message->partition != partition) continue;
    const Seen what = compare(*message, witness, left);
    if (what != Seen::nothing) return what;
  }
  return Seen::nothing;
}

// librdkafka 2.0.2 may begin to fetch from a newly assigned partition up to a second late: its broker's thread sleeps,
// and the signal that wakes it has passed before. Any request about the partition wakes it again.
void Witnesses::nudge(const rd_kafka_topic_partition_list_t& place) {
  const PartitionList again(rd_kafka_topic_partition_list_copy(&place));
  const ErrorPtr refused(rd_kafka_seek_partitions(client_.get(), again.get(), 0));  // tried again soon
}

Witnesses::Seen Witnesses::compare(const rd_kafka_message_t& message, const Witness& witness, Milliseconds timeout) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      if (message.offset > witness.offset) return Seen::gone;  // compacted, or deleted a moment ago
      return witness_of(message) == witness ? Seen::same : Seen::other;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return Seen::beyond_the_end;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      break;
    default:
      return Seen::nothing;
  }
  const auto range = cluster_.offsets(rd_kafka_topic_name(message.rkt), message.partition, timeout);
  if (!range) return Seen::nothing;
  if (witness.offset < range->begin) return Seen::gone;
  return witness.offset >= range->end ? Seen::beyond_the_end : Seen::nothing;
}

}  // namespace message_service::kafka
