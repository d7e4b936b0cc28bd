// The Kafka log's writing side where it differs from others: three outcomes under faults, bounds, fatal errors.
#include <map>
#include <mutex>
#include <set>

#include "adapters/kafka/log_writer.h"
#include "adapters/kafka/operators/topic_tail.h"
#include "contract/kafka_broker.h"
#include "support/cpp/kafka_faults.h"
#include "wire/event_json.h"

namespace message_service::contract {

namespace {

constexpr auto kAnswerWithin = std::chrono::seconds(20);

// What writers were told, and what the log holds.
class Outcomes {
 public:
  void append(LogWriter& writer, const std::string& value) {
    ++asked_;
    writer.append_record({.key = "conv-" + std::to_string(asked_ % 7), .value = value}, {},
                         [this, value](const base::Result<Receipt>& receipt) {
                           const std::scoped_lock lock(mutex_);
                           if (receipt) {
                             ok.insert(value);
                           } else if (receipt.error().code == base::ErrorCode::refused) {
                             refused.insert(value);
                           } else {
                             EXPECT_EQ(receipt.error().code, base::ErrorCode::unknown);
                             unknown.insert(value);
                           }
                           ++answered_;
                         });
  }

  bool all_answered() {
    return eventually([&] { return answered_ == asked_; }, kAnswerWithin);
  }

  // Every record is in one of the sets.
  void expect_told_once() const { EXPECT_EQ(ok.size() + refused.size() + unknown.size(), asked_); }

  void expect_true(const kafka::Options& options) const {
    const auto tail = kafka::TopicTail::open(options, wire::kRequestedTopic, false).value();
    std::map<std::string, int> found;
    while (!tail->caught_up()) {
      for (const auto& consumed : tail->read(1000).value()) ++found[consumed.record.value];
    }
    for (const auto& value : ok) EXPECT_EQ(found[value], 1) << value;
    for (const auto& value : refused) EXPECT_EQ(found[value], 0) << value;
    for (const auto& value : unknown) EXPECT_LE(found[value], 1) << value;
  }

  std::set<std::string> ok, refused, unknown;

 private:
  std::mutex mutex_;
  std::atomic<std::size_t> asked_ = 0, answered_ = 0;
};

}  // namespace

class KafkaWriter : public KafkaTest {};

TEST_F(KafkaWriter, RefusesAtOnceWhatDoesNotFitTheQueue) {
  options.append_queue_records_max = 10;
  connect();
  Outcomes outcomes;
  for (int i = 0; i < 500; ++i) outcomes.append(kafka->log_writer(), std::to_string(i));
  ASSERT_TRUE(outcomes.all_answered());
  outcomes.expect_told_once();
  EXPECT_GE(outcomes.ok.size(), 10u);
  EXPECT_GT(outcomes.refused.size(), 0u);
  EXPECT_TRUE(outcomes.unknown.empty());
  outcomes.expect_true(options);
}

TEST_F(KafkaWriter, RefusesAtOnceWhatDoesNotFitItsBytes) {
  options.append_queue_bytes_max = 16384;
  connect();
  Outcomes outcomes;
  for (int i = 0; i < 100; ++i) outcomes.append(kafka->log_writer(), std::to_string(i) + std::string(8000, 'x'));
  ASSERT_TRUE(outcomes.all_answered());
  EXPECT_GT(outcomes.refused.size(), 0u);
  EXPECT_GT(outcomes.ok.size(), 0u);
  outcomes.expect_true(options);
}

TEST_F(KafkaWriter, AFatalErrorEndsNothingButWhatWasUnderWay) {
  connect();  // makes the topics
  const auto cluster = kafka::Cluster::connect(options).value();
  const auto records = kafka::KafkaEventLog::make(options, *cluster).value();
  const auto writer = kafka::KafkaLogWriter::make(options, *records).value();
  Outcomes outcomes;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) outcomes.append(*writer, std::to_string(round) + "-" + std::to_string(i));
    kafka::ProducerFaults::raise_fatal_error(writer->producer());
    for (int i = 200; i < 400; ++i) outcomes.append(*writer, std::to_string(round) + "-" + std::to_string(i));
    ASSERT_TRUE(outcomes.all_answered());
    EXPECT_TRUE(eventually([&] { return append(*writer, {.key = "conv-1", .value = "after"}).has_value(); }));
  }
  outcomes.expect_told_once();
  outcomes.expect_true(options);
}

TEST_F(KafkaWriter, DrainFinishesWhatItHas) {
  connect();
  Outcomes outcomes;
  for (int i = 0; i < 1000; ++i) outcomes.append(kafka->log_writer(), std::to_string(i));
  kafka->log_writer().drain();
  kafka->log_writer().drain();
  outcomes.append(kafka->log_writer(), "late");
  EXPECT_EQ(outcomes.ok.size(), 1000u);
  EXPECT_EQ(outcomes.refused, std::set<std::string>{"late"});
}

class KafkaOutage : public testing::Test {
 protected:
  void SetUp() override {
    if (kafka_broker() == nullptr) GTEST_SKIP() << "MESSAGE_SERVICE_KAFKA names no broker";
    broker = std::make_unique<OwnBroker>();
    options.bootstrap_servers = broker->servers();
    options.partitions = 3;
    options.publish_timeout = std::chrono::milliseconds(1500);
    kafka = kafka::Kafka::connect(options).value();
    ASSERT_TRUE(append_until_ok("first"));
  }

  // Under another name each time: a broker that has just started may need longer than the writer waits.
  bool append_until_ok(const std::string& name) {
    return eventually([&, tries = 0]() mutable {
      const std::string value = name + "-" + std::to_string(++tries);
      outcomes.append(kafka->log_writer(), value);
      return outcomes.all_answered() && outcomes.ok.contains(value);
    });
  }

  std::unique_ptr<OwnBroker> broker;
  kafka::Options options;
  std::unique_ptr<kafka::Kafka> kafka;
  Outcomes outcomes;
};

TEST_F(KafkaOutage, AFrozenBrokerLeavesNothingUnansweredAndNothingFalselyRefused) {
  const std::set<std::string> ok_before = outcomes.ok;
  const std::size_t unknown_before = outcomes.unknown.size();
  broker->freeze();
  for (int i = 0; i < 300; ++i) outcomes.append(kafka->log_writer(), std::to_string(i));
  EXPECT_TRUE(outcomes.all_answered());
  EXPECT_EQ(outcomes.ok, ok_before);
  EXPECT_GT(outcomes.unknown.size(), unknown_before) << "what was sent may be there";
  broker->thaw();
  EXPECT_TRUE(append_until_ok("after"));
  outcomes.expect_true(options);
}

TEST_F(KafkaOutage, ADeadBrokerRefusesQuicklyAndIsFoundAgain) {
  broker->kill();
  for (int i = 0; i < 100; ++i) outcomes.append(kafka->log_writer(), std::to_string(i));
  EXPECT_TRUE(outcomes.all_answered());
  ASSERT_TRUE(eventually([&] { return !kafka->healthy(); }));
  const base::SteadyTime asked = base::SteadyClock::now();
  outcomes.append(kafka->log_writer(), "refused");
  EXPECT_TRUE(outcomes.refused.contains("refused"));
  EXPECT_LT(base::SteadyClock::now() - asked, std::chrono::milliseconds(1000));

  broker->restart();
  EXPECT_TRUE(eventually([&] { return kafka->healthy(); }));
  EXPECT_TRUE(append_until_ok("after"));
  outcomes.expect_true(options);
}

TEST_F(KafkaOutage, DrainEndsWithoutABroker) {
  broker->freeze();
  for (int i = 0; i < 100; ++i) outcomes.append(kafka->log_writer(), std::to_string(i));
  const base::SteadyTime started = base::SteadyClock::now();
  kafka->log_writer().drain();
  EXPECT_LT(base::SteadyClock::now() - started, options.publish_timeout + std::chrono::seconds(3));
  outcomes.expect_told_once();
  broker->thaw();
  kafka.reset();
  kafka = kafka::Kafka::connect(options).value();
  outcomes.expect_true(options);
}

}  // namespace message_service::contract
