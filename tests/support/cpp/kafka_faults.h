// For tests: what brokers and operators may do to the service at any time.
#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <mutex>
#include <string>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/handles.h"
#include "adapters/kafka/options.h"
#include "adapters/kafka/producer.h"

namespace message_service::kafka {

struct ProducerFaults {
  // The broker has found a gap in the producer's numbers.
  static void raise_fatal_error(Producer& producer) {
    const std::shared_lock lock(producer.mutex_);
    rd_kafka_test_fatal_error(producer.life_->client.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "asked for by a test");
  }
};

// Everything below the offset is gone for good from the topic's only partition.
inline void delete_records_before(const Options& options, const std::string& topic, std::int64_t offset) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", options.bootstrap_servers.c_str(), nullptr, 0);
  const Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0));
  const Queue queue(rd_kafka_queue_new(client.get()));
  const auto list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  const EventPtr answer(rd_kafka_queue_poll(queue.get(), 30'000));
  ASSERT_TRUE(answer);
  ASSERT_EQ(rd_kafka_event_error(answer.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto* result = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer.get()));
  ASSERT_EQ(result->elems[0].err, RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace message_service::kafka
