// Topics that others delete, make again, cut short or write in transactions, and what the group's first start means.
#include <algorithm>
#include <set>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/producer.h"
#include "adapters/kafka/topic_names.h"
#include "contract/kafka_broker.h"
#include "support/cpp/kafka_faults.h"
#include "support/cpp/total_lag.h"

namespace message_service::contract {

namespace {

constexpr auto kAdminTimeout = std::chrono::milliseconds(10'000);

}  // namespace

class KafkaAnew : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    if (IsSkipped()) return;
    options.partitions = 1;
    topic = kafka::TopicNames(options).requested;
    admin = kafka::Cluster::connect(options).value();
  }

  void make_anew(const std::map<std::string, std::string>& configs = {}) {
    ASSERT_TRUE(admin->delete_topics({topic}, kAdminTimeout));
    ASSERT_TRUE(eventually([&] {
      const auto count = admin->partitions(topic, kAdminTimeout);
      return count && !*count;
    }));
    make_topic(configs);
  }

  void make_topic(const std::map<std::string, std::string>& configs) {
    ASSERT_TRUE(admin->create_topics({{topic, configs}}, kAdminTimeout));
    ASSERT_TRUE(eventually([&] { return admin->offsets(topic, kAdminTimeout).has_value(); }));
  }

  // By a producer that has not seen the topic before.
  void append_freshly(int from, int to) {
    const auto producer =
        kafka::Producer::make(options, {.name = "fresh", .properties = {}, .topics = {topic}}).value();
    std::atomic<int> good = 0;
    for (int i = from; i < to; ++i) {
      kafka::Producer::Handler count = [&](const base::Result<Receipt>& receipt) { good += receipt ? 1 : 0; };
      ASSERT_TRUE(producer->produce(0, {.key = "conv-1", .value = std::to_string(i)}, count));
    }
    producer->drain();
    EXPECT_EQ(good, to - from);
  }

  // Reads and commits as a persister does, until it has seen so many different values and nothing is left.
  std::set<std::string> store(LogReader& reader, std::size_t values) {
    std::set<std::string> seen;
    Progress progress;
    for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(20);
         (seen.size() < values || total_lag(reader) > 0) && base::SteadyClock::now() < end;) {
      auto polled = reader.poll(50, base::SteadyClock::now() + std::chrono::milliseconds(100)).value();
      if (polled.start_over) progress = {};
      for (const ConsumedRecord& record : polled.records) {
        seen.insert(record.record.value);
        progress.advance_to(record.position);
      }
      EXPECT_TRUE(reader.commit(progress));
    }
    return seen;
  }

  std::string topic;
  std::unique_ptr<kafka::Cluster> admin;
};

TEST_F(KafkaAnew, ATopicMadeAnewUnderAReaderIsReadFromItsFirstRecord) {
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  const std::uint64_t before = kafka->log_identity().turn(0);
  make_anew();
  append_freshly(100, 251);
  const auto seen = store(*reader, 151);
  EXPECT_EQ(seen.size(), 151u);
  EXPECT_TRUE(seen.contains("100")) << "the first record of the new topic";
  EXPECT_GT(kafka->log_identity().turn(0), before);
  EXPECT_TRUE(kafka->log_identity().witness(0, kafka->log_identity().turn(0)));
  EXPECT_FALSE(kafka->log_identity().witness(0, before)) << "no record of the new topic speaks for the one before";
  EXPECT_EQ(total_lag(*reader), 0u);
}

TEST_F(KafkaAnew, ATopicThatIsLongerAgainThanItWasWhenTheReaderLooksIsReadFromItsFirstRecord) {
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  reader->keep_alive();  // the store is away: nothing is fetched, and no error shows
  make_anew();
  append_freshly(100, 251);
  EXPECT_EQ(store(*reader, 151).size(), 151u);
}

TEST_F(KafkaAnew, WhileNobodyCanTellWhetherTheTopicIsTheSameNoRecordHidesThoseBeforeIt) {
  options.witness_timeout = std::chrono::milliseconds(0);  // no broker answers in that
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  make_anew();
  append_freshly(100, 251);
  for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(3);
       base::SteadyClock::now() < end;) {
    const auto polled = reader->poll(50, base::SteadyClock::now() + std::chrono::milliseconds(100)).value();
    EXPECT_TRUE(polled.records.empty());
  }
}

// The new topic has just as many records as were read of the old one, so that the reader's position is in order.
TEST_F(KafkaAnew, ANewTopicOfTheSameLengthIsReadThoughNothingMoreComes) {
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  reader->keep_alive();
  make_anew();
  append_freshly(100, 140);
  EXPECT_EQ(store(*reader, 40).size(), 40u);
}

TEST_F(KafkaAnew, ACommitOfTheTopicThatWasThereBeforeHidesNothing) {
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  make_anew();
  append_freshly(100, 200);
  reader.reset();  // may commit for the topic that it knew
  reader = kafka->make_log_reader().value();
  EXPECT_EQ(store(*reader, 100).size(), 100u);
}

TEST_F(KafkaAnew, ATopicThatIsCutShortIsReadFromWhatIsLeft) {
  connect();
  append_numbers(0, 40);
  auto reader = kafka->make_log_reader().value();
  ASSERT_EQ(store(*reader, 40).size(), 40u);
  reader.reset();
  kafka::delete_records_before(options, topic, 40);
  reader = kafka->make_log_reader().value();
  append_numbers(40, 60);
  EXPECT_EQ(store(*reader, 20).size(), 20u) << "all that was stored is gone, and nothing else";
  reader.reset();
  append_numbers(60, 80);
  kafka::delete_records_before(options, topic, 65);
  reader = kafka->make_log_reader().value();
  EXPECT_EQ(store(*reader, 15).size(), 15u) << "five were deleted before anybody had read them";
}

TEST_F(KafkaAnew, TransactionsLeaveNoLagAndAbortedRecordsAreNotRead) {
  connect();
  auto reader = kafka->make_log_reader().value();
  await_partitions(*reader, options);
  kafka::Conf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : {std::pair("bootstrap.servers", options.bootstrap_servers.c_str()),
                                    {"transactional.id", options.group_id.c_str()}}) {
    ASSERT_EQ(rd_kafka_conf_set(conf.get(), name, value, nullptr, 0), RD_KAFKA_CONF_OK);
  }
  const kafka::Client foreign(rd_kafka_new(RD_KAFKA_PRODUCER, conf.release(), nullptr, 0));
  ASSERT_EQ(rd_kafka_init_transactions(foreign.get(), 20'000), nullptr);
  const auto in_transaction = [&](const char* value, bool commits) {
    ASSERT_EQ(rd_kafka_begin_transaction(foreign.get()), nullptr);
    ASSERT_EQ(rd_kafka_producev(foreign.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY("conv-1", 6),
                                RD_KAFKA_V_VALUE(const_cast<char*>(value), std::char_traits<char>::length(value)),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_flush(foreign.get(), 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(commits ? rd_kafka_commit_transaction(foreign.get(), 20'000)
                      : rd_kafka_abort_transaction(foreign.get(), 20'000),
              nullptr);
  };
  in_transaction("kept", true);
  in_transaction("aborted", false);
  EXPECT_EQ(store(*reader, 1), (std::set<std::string>{"kept"}));
  EXPECT_TRUE(eventually([&] {
    const auto polled = reader->poll(10, base::SteadyClock::now() + std::chrono::milliseconds(50)).value();
    EXPECT_TRUE(polled.records.empty());
    return total_lag(*reader) == 0;
  })) << total_lag(*reader);
  EXPECT_TRUE(eventually([&] {
    (void)reader->poll(1, base::SteadyClock::now() + std::chrono::milliseconds(50));
    const auto committed = admin->committed(options.group_id, topic, 1, kAdminTimeout).value();
    return committed.at(0) == admin->offsets(topic, 0, kAdminTimeout).value().end;
  })) << "the group's position lies behind Kafka's own marks";
}

TEST_F(KafkaAnew, WhatIsAcceptedBeforeANewGroupsFirstReaderIsReadWhateverLatestSays) {
  options.partitions = 3;
  connect();
  append_numbers(0, 10);
  options.group_id += "-latest";
  options.auto_offset_reset = kafka::OffsetReset::latest;
  connect();  // a node without a reader
  append_numbers(10, 40);
  connect();
  auto reader = kafka->make_log_reader().value();
  const auto seen = store(*reader, 30);
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_FALSE(seen.contains("0")) << "it lay there before the group's first start";
}

TEST_F(KafkaAnew, PartitionsThatAreAddedAreReadFromTheirBeginningWhateverLatestSays) {
  options.auto_offset_reset = kafka::OffsetReset::latest;
  connect();
  append_numbers(0, 10);
  run_script("kafka.sh tool org.apache.kafka.tools.TopicCommand --bootstrap-server " + options.bootstrap_servers +
             " --alter --partitions 4 --topic " + topic + " 2>/dev/null");
  ASSERT_TRUE(eventually([&] { return admin->partitions(topic, kAdminTimeout).value() == 4; }));
  connect();
  append_numbers(10, 40);
  auto reader = kafka->make_log_reader().value();
  EXPECT_EQ(store(*reader, 40).size(), 40u);
}

class KafkaOtherTopics : public KafkaAnew {};

TEST_F(KafkaOtherTopics, OneThatGoesByItsProducersClocksIsChangedAndKeepsItsOtherSettings) {
  make_topic({{"message.timestamp.type", "CreateTime"}, {"retention.ms", "7200000"}});
  connect();
  const auto configs = admin->topic_configs(topic, kAdminTimeout).value();
  EXPECT_EQ(configs.at("message.timestamp.type"), "LogAppendTime");
  EXPECT_EQ(configs.at("retention.ms"), "7200000");
}

TEST_F(KafkaOtherTopics, AClockThatIsFarOffChangesNothing) {
  make_topic({{"message.timestamp.type", "CreateTime"}, {"retention.ms", "60000"}});
  connect();
  constexpr base::Timestamp kDay = 86'400'000;
  for (const base::Timestamp off : {-8 * kDay, -kDay / 12, kDay / 12, 8 * kDay}) {
    const auto receipt =
        append(kafka->log_writer(), {.key = "k", .value = "v", .headers = {}, .timestamp = base::wall_now() + off});
    EXPECT_TRUE(receipt) << off << ": " << receipt.error().text;
  }
  auto reader = kafka->make_log_reader().value();
  std::size_t records = 0;
  EXPECT_TRUE(eventually([&] {
    const auto polled = reader->poll(10, base::SteadyClock::now() + std::chrono::milliseconds(50)).value();
    for (const ConsumedRecord& record : polled.records) {
      ++records;
      EXPECT_LT(std::abs(record.record.timestamp - base::wall_now()), kDay / 24)
          << "Kafka's clock, by which it deletes";
    }
    return records == 4;
  }));
}

TEST_F(KafkaOtherTopics, OneThatTakesLessThanAMessageNeedsIsRefusedByName) {
  make_topic({{"max.message.bytes", "10000"}});
  options.record_bytes_least = 20'000;
  const auto refused = kafka::Kafka::connect(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  for (const char* name : {"max.message.bytes", "Limits:ContentBytes"}) {
    EXPECT_NE(refused.error().text.find(name), std::string::npos) << refused.error().text;
  }
  EXPECT_NE(refused.error().text.find(topic), std::string::npos);
}

TEST_F(KafkaOtherTopics, OneThatTakesSmallBatchesOnlyTakesEachMessageThatFitsAlone) {
  make_topic({});
  connect();
  ASSERT_TRUE(admin->set_topic_config(topic, "max.message.bytes", "20000", kAdminTimeout));
  const std::string value(1000, 'x');
  std::atomic<int> open = 200;
  std::atomic<int> good = 0;
  const std::function<void()> send = [&] {
    kafka->log_writer().append_record({.key = "conv-1", .value = value}, {}, [&](const base::Result<Receipt>& receipt) {
      EXPECT_TRUE(receipt || receipt.error().code == base::ErrorCode::refused) << "503, and not 413";
      good += receipt ? 1 : 0;
      --open;
    });
  };
  for (int i = 0; i < 200; ++i) send();
  ASSERT_TRUE(eventually([&] { return open == 0; }));
  EXPECT_TRUE(eventually([&] {
    good = 0;
    open = 50;
    for (int i = 0; i < 50; ++i) send();
    EXPECT_TRUE(eventually([&] { return open == 0; }));
    return good == 50;
  }));
  EXPECT_TRUE(eventually([&] {
    const auto large = append(kafka->log_writer(), {.key = "conv-1", .value = std::string(30'000, 'x')});
    EXPECT_FALSE(large);
    return large.error().code == base::ErrorCode::invalid;
  })) << "one that can never be taken is said to be so";
}

TEST_F(KafkaOtherTopics, ThoseThatAreMadeTakeTheLargestMessage) {
  options.record_bytes_max = 3'000'000;
  connect();
  for (const std::string& name : {topic, kafka::TopicNames(options).sent, kafka::TopicNames(options).dead}) {
    EXPECT_EQ(admin->topic_configs(name, kAdminTimeout).value().at("max.message.bytes"), "3000000") << name;
  }
}

}  // namespace message_service::contract
