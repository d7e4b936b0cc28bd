// librdkafka's own broker, which answers as a test tells it. For the unit tests of this folder.
#pragma once

#include <librdkafka/rdkafka_mock.h>

#include <memory>

#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"

namespace message_service::kafka {

class MockBroker {
 public:
  MockBroker()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1), rd_kafka_mock_cluster_destroy) {}

  Options options() const {
    Options options;
    options.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    return options;
  }
  void make_topic(const char* name) { rd_kafka_mock_topic_create(cluster_.get(), name, 1, 1); }
  // The next request of this kind, by its number in Kafka's protocol.
  void refuse_next(std::int16_t request, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors(cluster_.get(), request, 1, error);
  }
  void answer_after(Milliseconds time) { rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, count_of(time)); }

 private:
  Client client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster_;
};

}  // namespace message_service::kafka
