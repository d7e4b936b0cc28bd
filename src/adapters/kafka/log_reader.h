// LogReader in a consumer group, on the topic of requested messages. Private to the adapter.
//
// A process may have several readers: each is a member of the group and owns its partitions alone. librdkafka's
// callbacks run inside poll(), keep_alive() and the destructor, on the owner's thread. Brokers that are away are no
// error: no record arrives meanwhile. The reader sends one commit at a time, a few a second. When partitions are
// revoked and when the reader ends, it commits everything that is done, if a broker answers. It commits nothing of
// partitions that it has lost to another member. Every few seconds, and at its end, it has the store note what is done,
// and its commits repeat the note: see restored_store.h.
//
// The reader reads a topic that was deleted and made again, or has lost its end, from its oldest record on. To notice
// this it looks again at a record that it has read before: once a second while records arrive, and before the first
// record after a silence. See starting_point.h.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include "adapters/kafka/assignment.h"
#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/starting_point.h"
#include "adapters/kafka/trouble.h"
#include "adapters/kafka/turns.h"
#include "ports/log_reader.h"
#include "ports/stored_places.h"

namespace message_service::kafka {

class KafkaLogReader final : public LogReader {
 public:
  struct Parts {  // all outlive the reader
    Cluster& cluster;
    Witnesses& witnesses;
    Turns& turns;
    StoredPlaces* store = nullptr;  // told how far the log is stored
  };
  static base::Result<std::unique_ptr<KafkaLogReader>> make(const Options& options, const Parts& parts);
  ~KafkaLogReader() override;

  base::Result<Polled> poll(std::size_t records_max, base::SteadyTime deadline) override;
  void interrupt() override;
  void keep_alive() override;
  bool starts_over() const override { return start_over_; }
  base::Result<void> commit(const Progress& progress) override;
  base::Result<std::int32_t> partition_of(std::string_view conversation_id) override;
  std::vector<PartitionLag> lag() const override;

 private:
  KafkaLogReader(const Options& options, const Parts& parts);

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  static void on_commit(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  void take_over(rd_kafka_topic_partition_list_t& partitions);
  void give_up();
  bool is_still_there(Position position, base::SteadyTime now);
  void go_back_to(Position position);
  void look_at_witnesses(base::SteadyTime now);
  void hear(const Witnesses::Testimonies& said);
  std::optional<StartingPoint> begin_in(std::int32_t partition, const CommittedPlace& committed,
                                        std::optional<Testimony> testimony) const;
  void read_again(const Witnesses::Testimonies& said);
  void begin_turns();
  void vouch_for(std::int32_t partition);

  bool receive(Polled& polled, int timeout_ms);
  bool started_over(Polled& polled);
  void accept(const rd_kafka_message_t& message, Polled& polled);
  void resume();
  void upkeep(base::SteadyTime now);
  void note_places(base::SteadyTime now);
  void send_commit(base::SteadyTime now);
  PartitionList offsets_to_commit() const;
  void commit_and_wait();
  void look_at_ends(base::SteadyTime now);
  void publish_lag();

  const Options options_;
  const std::string topic_;
  const Parts parts_;
  Consumer client_;
  Queue queue_;

  Assignment assignment_;
  std::int32_t partitions_ = 0;       // of the topic; 0: not asked for since the last change of owners
  std::deque<ConsumedRecord> early_;  // arrived while the owner was not polling
  std::size_t polled_bytes_ = 0;      // by the poll under way
  bool start_over_ = false;
  bool paused_ = false;
  bool committing_ = false;
  base::SteadyTime next_commit_{};
  base::SteadyTime next_note_{};
  bool store_notes_ = true;  // it took the last note
  std::string log_id_;       // empty until the first note
  base::SteadyTime next_look_{};
  base::SteadyTime next_witnesses_{};
  base::SteadyTime next_idle_witnesses_{};
  std::future<Witnesses::Testimonies> asked_;  // of the partitions as they are assigned now
  bool astray_ = false;                        // a position is out of the log's range
  bool turns_begun_ = true;                    // of all partitions that were taken over
  Trouble trouble_{"The log cannot be read"};

  std::atomic<bool> interrupted_ = false;
  mutable std::mutex lag_mutex_;
  std::vector<PartitionLag> lag_;
};

}  // namespace message_service::kafka
