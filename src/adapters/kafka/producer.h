// An idempotent producer and the thread that reports the outcome of its records. The log writer and the publisher each
// have one.
//
// Private to the adapter; any thread. The producer's thread reports every record's outcome once; a record lives for
// Options::publish_timeout at most, give or take the second that librdkafka needs to notice. A producer that ended in a
// fatal error is replaced: the records under way are reported, and later records use the new producer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "base/clock.h"
#include "ports/log_writer.h"

namespace message_service::kafka {

class Producer {
 public:
  using Handler = LogWriter::Handler;

  struct Tuning {
    std::string name;  // of the thread
    std::vector<Property> properties;
    std::vector<std::string> topics;
    Call call = Call::publish;  // an append that is refused only for its batch is `refused`, and may be sent again
  };

  static base::Result<std::unique_ptr<Producer>> make(const Options& options, Tuning tuning);
  ~Producer();

  // Never blocks. Takes the handler when it takes the record; otherwise the record is certainly not in the log.
  // `invalid`, here or as the outcome: the record is not in the log, and Kafka will not take it together with the same
  // others. `topic`: its place in Tuning::topics. The key determines the partition, unless the caller names one.
  base::Result<void> produce(std::size_t topic, const LogRecord& record, Handler& handler,
                             std::int32_t partition = RD_KAFKA_PARTITION_UA);

  // Takes no more records, reports the records under way, ends the thread. Idempotent.
  void drain();

  // False while no broker can be reached.
  bool reachable() const { return reachable_; }

 private:
  friend struct ProducerFaults;  // of the tests

  // One life of the producer.
  struct Life {
    ~Life();
    std::size_t batch_bytes = 0;  // the largest size of a batch; 0: librdkafka's own
    Client client;
    std::vector<Topic> topics;
    Queue events;
  };

  Producer(Options options, Tuning tuning);
  base::Result<std::unique_ptr<Life>> make_life() const;
  void run();
  void serve(Life& life, Milliseconds wait);
  void report_deliveries(const Life& life, rd_kafka_event_t* event);
  base::Result<Receipt> outcome_of(const Life& life, const rd_kafka_message_t& message);
  void look_for_brokers();
  void replace();
  void finish(Life& life, Milliseconds patience);

  const Options options_;
  const Tuning tuning_;

  std::shared_mutex mutex_;  // of the next two; callers of produce() share it
  std::unique_ptr<Life> life_;
  bool draining_ = false;

  std::atomic<bool> reachable_ = true;
  std::atomic<bool> missing_ = false;  // a topic is missing: the client would not ask for it again for half a minute
  bool suspect_ = false;               // of the thread: the brokers may be away
  bool failed_ = false;                // of the thread: this life has ended
  std::size_t batch_bytes_ = 0;        // of the thread: the batch_bytes of the next life
  base::SteadyTime next_look_{};

  std::mutex drain_mutex_;
  std::thread thread_;
};

}  // namespace message_service::kafka
