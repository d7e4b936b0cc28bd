// EventSource on the topics of sent messages and of dead letters. Private to the adapter.
//
// Reads every partition by itself, from the end, without a group: each node sees all events. Partitions that are added
// later are found within seconds and read from their beginning. A topic that was made anew is a gap, also where it is
// as long again as it was, or longer: one record of each partition is looked at again, after each silence and every
// five seconds. Where that record is gone, nobody can tell whether the topic is still the same: that is a gap, too. So
// that there is such a record from the first moment on, the last one before the end is read too.
#pragma once

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/trouble.h"
#include "adapters/kafka/witnesses.h"
#include "ports/event_source.h"

namespace message_service::kafka {

class KafkaEventSource final : public EventSource {
 public:
  // The cluster and the witnesses outlive the source.
  static base::Result<std::unique_ptr<KafkaEventSource>> make(const Options& options, Cluster& cluster,
                                                              Witnesses& witnesses);
  ~KafkaEventSource() override;

  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline, const Interest& wanted) override;
  void interrupt() override;
  bool at_end() const override;

 private:
  struct Partition {
    std::int64_t next = 0;
    std::int64_t told_from = 0;        // an event before it is no news: the store has it, and clients look there
    std::optional<Witness> witness{};  // a record of the partition that is read
    bool wants_witness = true;         // the next record takes its place: retention must not overtake it
    base::SteadyTime heard_of{};       // when its last record was read
    std::int64_t appended = 0;         // when that one was appended, as the log says; 0: it does not
    bool assigned = false;             // until then the client may still hand out records from where it was
  };
  struct Followed {
    std::string topic;
    bool dead = false;
    std::vector<Partition> partitions{};
    std::future<Witnesses::Testimonies> asked{};
  };

  KafkaEventSource(const Options& options, Cluster& cluster, Witnesses& witnesses);
  base::Result<void> find_ends(const Options& options);
  bool all_assigned() const;
  base::Result<void> assign();
  void look_for_partitions(base::SteadyTime now);
  void look_at_witnesses(base::SteadyTime now, Polled& polled);
  void hear(Followed& followed, const Witnesses::Testimonies& said, Polled& polled);
  bool is_still_there(Followed& followed, const rd_kafka_message_t& message, Polled& polled);
  static Partition at_end_of(const OffsetRange& range);
  void jump_to_end(Followed& followed, std::int32_t partition);

  void handle(const rd_kafka_message_t& message, const Interest& wanted, Polled& polled);
  void handle_error(const rd_kafka_message_t& message, Polled& polled);
  void read(const rd_kafka_message_t& message, bool dead, const Interest& wanted, Polled& polled);
  Followed* followed_by(const rd_kafka_message_t& message);

  Cluster& cluster_;
  Witnesses& witnesses_;
  const Milliseconds witness_timeout_;
  const std::shared_ptr<Damage> damage_;
  Client client_;
  Queue queue_;
  std::vector<Followed> followed_;
  base::SteadyTime next_look_{};
  base::SteadyTime next_witnesses_{};
  Trouble trouble_{"The events cannot be read"};
  std::atomic<bool> interrupted_ = false;
  bool nothing_came_ = false;
};

}  // namespace message_service::kafka
