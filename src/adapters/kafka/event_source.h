// EventSource on the topics of sent messages and of dead letters. Private to the adapter.
//
// Reads every partition by itself, from the end, without a group: each node sees all events. Finds added partitions
// within seconds and reads them from their beginning. A topic that was made again is a gap, even when it is as long as
// before, or longer: the source looks again at one record of each partition, its witness, after each silence and every
// five seconds. When the witness is no longer there, the topic may be another one: that is a gap, too. The source also
// reads the last record before the end, so that it has a witness from the first moment on.
#pragma once

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
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

  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline, const Interest& wanted) override;
  void interrupt() override;
  bool at_end() const override;

 private:
  struct Partition {
    std::int64_t next = 0;
    std::int64_t told_from = 0;        // earlier events are not announced: the store has them, and clients look there
    std::optional<Witness> witness{};  // a record of the partition as it is read now
    bool wants_witness = true;         // the next record becomes the witness: retention must not overtake the witness
    base::SteadyTime heard_of{};       // when its last record was read
    std::int64_t appended = 0;         // when the log appended that record; 0: the log does not say
    bool assigned = false;             // false: the client may still return records from the old position
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
  Consumer client_;
  Queue queue_;
  std::vector<Followed> followed_;
  base::SteadyTime next_look_{};
  base::SteadyTime next_witnesses_{};
  Trouble trouble_{"The events cannot be read"};
  std::atomic<bool> interrupted_ = false;
  bool nothing_came_ = false;
};

}  // namespace message_service::kafka
