#include "adapters/kafka/producer.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <future>

namespace message_service::kafka {

namespace {

constexpr std::int16_t kProduce = 0;  // the request's number in Kafka's protocol

// The client library's own broker, which answers as it is told.
class Broker {
 public:
  Broker()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1), rd_kafka_mock_cluster_destroy) {}

  Options options() const {
    Options options;
    options.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    return options;
  }
  void make_topic(const char* name) { rd_kafka_mock_topic_create(cluster_.get(), name, 1, 1); }
  void refuse_next(rd_kafka_resp_err_t error) { rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1, error); }
  void answer_after(Milliseconds time) { rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, count_of(time)); }

 private:
  Client client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster_;
};

std::future<Result<Receipt>> produce(Producer& producer, const std::string& value) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  Producer::Handler handler = [promise](const Result<Receipt>& receipt) { promise->set_value(receipt); };
  EXPECT_TRUE(producer.produce(0, {.key = "conv-1", .value = value}, handler));
  return promise->get_future();
}

// As where partitions are added: the broker does not know the partition yet when the first batch comes, knows it when
// the second one does, and takes any sequence as a partition's first.
TEST(ProducerTest, ARecordThatLiesNowhereIsNotTakenForAppended) {
  Broker broker;
  broker.make_topic("t");
  const auto producer =
      Producer::make(broker.options(), {.name = "test", .properties = {{"linger.ms", "0"}}, .topics = {"t"}}).value();
  ASSERT_TRUE(produce(*producer, "before").get());
  broker.answer_after(Milliseconds(100));
  broker.refuse_next(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto first = produce(*producer, "first");
  std::this_thread::sleep_for(Milliseconds(30));
  auto second = produce(*producer, "second");
  for (auto* outcome : {&first, &second}) {
    const auto receipt = outcome->get();
    if (receipt) {
      EXPECT_GE(receipt->position.offset, 0);
    } else {
      EXPECT_EQ(receipt.error().code, ErrorCode::unknown);
    }
  }
}

}  // namespace

}  // namespace message_service::kafka
