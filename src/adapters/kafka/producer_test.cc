#include "adapters/kafka/producer.h"

#include <gtest/gtest.h>

#include <future>

#include "support/cpp/mock_broker.h"

namespace message_service::kafka {

namespace {

constexpr std::int16_t kProduce = 0;  // the request's number in Kafka's protocol

std::future<base::Result<Receipt>> produce(Producer& producer, const std::string& value) {
  auto promise = std::make_shared<std::promise<base::Result<Receipt>>>();
  Producer::Handler handler = [promise](const base::Result<Receipt>& receipt) { promise->set_value(receipt); };
  EXPECT_TRUE(producer.produce(0, {.key = "conv-1", .value = value}, handler));
  return promise->get_future();
}

// As when partitions are added: the broker does not know the partition yet when the first batch arrives, knows it when
// the second one does, and takes any sequence as a partition's first.
TEST(KafkaProducer, ARecordThatLiesNowhereIsNotTakenForAppended) {
  MockBroker broker;
  broker.make_topic("t");
  const auto producer =
      Producer::make(broker.options(), {.name = "test", .properties = {{"linger.ms", "0"}}, .topics = {"t"}}).value();
  ASSERT_TRUE(produce(*producer, "before").get());
  broker.answer_after(Milliseconds(100));
  broker.refuse_next(kProduce, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto first = produce(*producer, "first");
  std::this_thread::sleep_for(Milliseconds(30));
  auto second = produce(*producer, "second");
  for (auto* outcome : {&first, &second}) {
    const auto receipt = outcome->get();
    if (receipt) {
      EXPECT_GE(receipt->position.offset, 0);
    } else {
      EXPECT_EQ(receipt.error().code, base::ErrorCode::unknown);
    }
  }
}

}  // namespace

}  // namespace message_service::kafka
