#include "adapters/kafka/consumer.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "adapters/kafka/errors.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kConsumerEnds = Milliseconds(1500);

// Waits until the partitions of the last assignment have stopped. The client's main thread handles its operations in
// order: it answers the first question after the stop orders that the last assignment has left, and the second question
// after the notices that the partitions have stopped.
void wait_for_stopped(rd_kafka_t* consumer) {
  for (int question = 0; question < 2; ++question) {
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    rd_kafka_assignment(consumer, &assigned);
    const PartitionList owned(assigned);
  }
}

}  // namespace

void end_consumer(rd_kafka_t* consumer) {
  if (rd_kafka_consumer_closed(consumer) == 0) wait_for_stopped(consumer);  // the end is an assignment, too
  std::packaged_task<void()> destroy(
      [consumer] { rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); });
  const std::future<void> destroyed = destroy.get_future();
  std::thread thread(std::move(destroy));
  if (destroyed.wait_for(kConsumerEnds) == std::future_status::ready) return thread.join();
  logging::warning("A Kafka client does not end, as when a topic that it read was deleted; it is left behind");
  thread.detach();
}

base::Result<Consumer> make_consumer(Conf conf) {
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(conf));
  if (!client) return client.error();
  rd_kafka_poll_set_consumer(client->get());
  return Consumer(client->release());
}

base::Result<Consumer> make_lone_reader(const Options& options, const std::string& purpose, const Properties& defaults,
                                        Properties fixed) {
  const Properties common{{"group.id", options.group_id + "." + purpose},
                          {"enable.auto.commit", "false"},
                          {"enable.auto.offset.store", "false"}};
  fixed.insert(fixed.end(), common.begin(), common.end());
  auto conf = make_conf(options, defaults, fixed);
  if (!conf) return conf.error();
  return make_consumer(std::move(*conf));
}

rd_kafka_resp_err_t assign(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* partitions) {
  wait_for_stopped(consumer);
  return rd_kafka_assign(consumer, partitions);
}

base::Result<void> warm_up(rd_kafka_t* client, const std::string& topic, Milliseconds timeout) {
  const Topic handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  if (!handle) return base::Error{base::ErrorCode::invalid, "there can be no topic named \"" + topic + "\""};
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client, 0, handle.get(), &metadata, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, "look at topic " + topic);
  rd_kafka_metadata_destroy(metadata);
  return {};
}

}  // namespace message_service::kafka
