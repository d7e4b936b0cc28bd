// Looks again at records that were read before, to recognize their partitions. Private to the adapter.
//
// Uses a client of its own that belongs to no group. Any thread, one call at a time; every call blocks, for a
// few times its timeout at most, and holds no partition afterwards. A thread of its own makes the looks that callers do
// not wait for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/options.h"
#include "base/clock.h"
#include "base/result.h"
#include "ports/log_identity.h"

namespace message_service::kafka {

// Nobody deletes, makes and fills a topic in less time: a record after a longer silence may be of another partition.
inline constexpr auto kSilence = Milliseconds(300);

Witness witness_of(const rd_kafka_message_t& message);

class Witnesses {
 public:
  using ByPartition = std::map<std::int32_t, Witness>;

  // The cluster outlives this object.
  static base::Result<std::unique_ptr<Witnesses>> make(const Options& options, Cluster& cluster);
  ~Witnesses();

  using Testimonies = std::map<std::int32_t, Testimony>;

  // The testimony of each witness. A partition that does not answer in time is left out. Takes a second longer when a
  // log seems to have become shorter.
  Testimonies look(const std::string& topic, const ByPartition& witnesses, Milliseconds timeout);
  std::future<Testimonies> look_later(const std::string& topic, const ByPartition& witnesses, Milliseconds timeout);

 private:
  enum class Seen { same, other, gone, beyond_the_end, nothing };

  Witnesses(Cluster& cluster, Consumer client);
  void work();
  std::map<std::int32_t, Seen> look_once(const std::string& topic, const ByPartition& witnesses, Milliseconds each);
  Seen look_at(const std::string& topic, std::int32_t partition, const Witness& witness, base::SteadyTime deadline);
  void nudge(const rd_kafka_topic_partition_list_t& place);
  Seen compare(const rd_kafka_message_t& message, const Witness& witness, Milliseconds timeout);

  Cluster& cluster_;
  Consumer client_;
  std::mutex mutex_;  // of the client, and of known_
  std::set<std::string> known_;

  std::mutex waiting_mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<Testimonies()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::kafka
