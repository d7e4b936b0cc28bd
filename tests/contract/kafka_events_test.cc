// Events and operators on Kafka: gaps, added partitions, foreign records, topics, dead letters.

#include <algorithm>
#include <vector>

#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/event_source.h"
#include "adapters/kafka/operators/inspect.h"
#include "adapters/kafka/operators/topic_tail.h"
#include "adapters/kafka/producer.h"
#include "adapters/kafka/topic_names.h"
#include "contract/kafka_broker.h"
#include "support/cpp/kafka_faults.h"
#include "wire/event_json.h"

namespace message_service::contract {

namespace {

constexpr auto kTopicTimeout = std::chrono::milliseconds(5000);

Stored stored(const std::string& conversation, const std::string& key, std::uint64_t sequence) {
  Draft draft;
  draft.conversation_id = conversation;
  draft.temporary_message_id = key;
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = "text of " + key;
  draft.requested_at = 1769509800000;
  return {*admit(std::move(draft), Limits{}, 0).admitted, sequence, 1769509801000};
}

bool everything(std::string_view /*conversation*/) { return true; }

}  // namespace

class KafkaEvents : public KafkaTest {
 protected:
  // Polls until there are so many events, or a gap where one is waited for.
  EventSource::Polled poll(EventSource& source, std::size_t events, bool until_gap = false) {
    EventSource::Polled all;
    for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(15);
         (until_gap ? !all.gap : all.events.size() < events) && base::SteadyClock::now() < end;) {
      auto polled = source.poll(100, base::SteadyClock::now() + std::chrono::milliseconds(100), everything).value();
      all.gap = all.gap || polled.gap;
      for (Event& event : polled.events) all.events.push_back(std::move(event));
      for (std::string& id : polled.unreadable_in) all.unreadable_in.push_back(std::move(id));
    }
    return all;
  }

  static void grow_sent_topic(const kafka::Options& options, int partitions) {
    run_script("kafka.sh tool org.apache.kafka.tools.TopicCommand --bootstrap-server " + options.bootstrap_servers +
               " --alter --partitions " + std::to_string(partitions) + " --topic " + kafka::TopicNames(options).sent +
               " 2>/dev/null");
  }

  // With so many events in it.
  void make_sent_topic_anew(int events) {
    const std::string topic = kafka::TopicNames(options).sent;
    const auto cluster = kafka::Cluster::connect(options).value();
    ASSERT_TRUE(cluster->delete_topics({topic}, kTopicTimeout));
    ASSERT_TRUE(eventually([&] {
      const auto count = cluster->partitions(topic, kTopicTimeout);
      return count && !*count;
    }));
    ASSERT_TRUE(cluster->create_topics({{topic, {}}}, kTopicTimeout));
    ASSERT_TRUE(eventually([&] { return cluster->offsets(topic, kTopicTimeout).has_value(); }));
    ASSERT_TRUE(eventually([&] { return kafka->event_log().publish({stored("conv-1", "anew", 1)}, {}).has_value(); }));
    for (int i = 1; i < events; ++i) publish("conv-1", "anew-" + std::to_string(i));
  }

  // An event that were handed out before the gap would hide those that the gap stands for.
  void expect_gap(EventSource& source) {
    const auto polled = poll(source, 0, true);
    EXPECT_TRUE(polled.gap);
    EXPECT_TRUE(polled.events.empty());
  }

  void expect_news(EventSource& source) {
    publish("conv-1", "after");
    EXPECT_TRUE(eventually([&] {
      for (const Event& event : poll(source, 1).events) {
        if (std::get<MessageSent>(event).stored.message().temporary_message_id == "after") return true;
      }
      return false;
    }));
  }

  void publish(const std::string& conversation, const std::string& key, std::uint64_t sequence = 1) {
    ASSERT_TRUE(kafka->event_log().publish({stored(conversation, key, sequence)}, {}));
  }
};

TEST_F(KafkaEvents, ASourceSeesWhatComesAfterItWasMade) {
  connect();
  publish("conv-1", "before");
  const auto source = kafka->make_event_source().value();
  publish("conv-1", "after");
  const auto polled = poll(*source, 1);
  ASSERT_EQ(polled.events.size(), 1u);
  EXPECT_FALSE(polled.gap);
  const Message& message = std::get<MessageSent>(polled.events[0]).stored.message();
  EXPECT_EQ(message.temporary_message_id, "after");
  EXPECT_EQ(message.content, "text of after");
}

TEST_F(KafkaEvents, EventsThatAreGoneAreAGapAndItGoesOnAtTheEnd) {
  options.partitions = 1;
  // Reads ahead as little as can be.
  options.client = {
      {"queued.min.messages", "1"}, {"queued.max.messages.kbytes", "1"}, {"fetch.message.max.bytes", "1024"}};
  connect();
  const auto source = kafka->make_event_source().value();
  for (int i = 0; i < 100; ++i) publish("conv-1", "lost-" + std::to_string(i));
  kafka::delete_records_before(options, kafka::TopicNames(options).sent, 100);
  EXPECT_TRUE(poll(*source, 0, true).gap);
  publish("conv-1", "after");
  const auto after = poll(*source, 1);
  ASSERT_EQ(after.events.size(), 1u);
  EXPECT_EQ(std::get<MessageSent>(after.events[0]).stored.message().temporary_message_id, "after");
}

TEST_F(KafkaEvents, ATopicMadeAnewIsAGapAlsoWhereItIsAsLongAsItWasOrLonger) {
  options.partitions = 1;
  for (const int events : {5, 31}) {  // the position is 5 at first, and 11 then
    SCOPED_TRACE(events);
    connect();
    const auto source = kafka->make_event_source().value();
    for (int i = 0; i < 5; ++i) publish("conv-1", "before-" + std::to_string(i));
    ASSERT_EQ(poll(*source, 5).events.size(), 5u);
    make_sent_topic_anew(events);
    expect_gap(*source);
    expect_news(*source);
  }
}

// Retention removes the records of either topic.
TEST_F(KafkaEvents, ATopicMadeAnewIsAGapAlsoWhereTheOldestOfItsRecordsAreGone) {
  options.partitions = 1;
  connect();
  const auto source = kafka->make_event_source().value();
  for (int i = 0; i < 5; ++i) publish("conv-1", "before-" + std::to_string(i));
  ASSERT_EQ(poll(*source, 5).events.size(), 5u);
  make_sent_topic_anew(12);
  kafka::delete_records_before(options, kafka::TopicNames(options).sent, 3);
  expect_gap(*source);
  expect_news(*source);
}

TEST_F(KafkaEvents, ASourceThatKeepsUpHasNoGapWhenOldRecordsAreRemoved) {
  options.partitions = 1;
  connect();
  const auto source = kafka->make_event_source().value();
  const auto began = base::SteadyClock::now();
  std::vector<base::SteadyTime> published;  // by offset
  std::int64_t removed = 0;
  // It looks twice at a record that it has read, each time at another one.
  for (auto now = began; now < began + std::chrono::seconds(11); now = base::SteadyClock::now()) {
    published.push_back(now);
    publish("conv-1", "event-" + std::to_string(published.size()));
    const auto polled = poll(*source, 1);
    ASSERT_FALSE(polled.gap) << published.size();
    ASSERT_EQ(polled.events.size(), 1u) << published.size();
    const auto older = std::ranges::lower_bound(published, now - std::chrono::seconds(7)) - published.begin();
    if (older > removed + 10) kafka::delete_records_before(options, kafka::TopicNames(options).sent, removed = older);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_GT(removed, 0);
}

TEST_F(KafkaEvents, ATopicMadeAnewBeforeAnythingWasReadOfItIsAGap) {
  options.partitions = 1;
  connect();
  for (int i = 0; i < 5; ++i) publish("conv-1", "before-" + std::to_string(i));
  const auto source = kafka->make_event_source().value();
  ASSERT_TRUE(source->poll(100, base::SteadyClock::now() + std::chrono::seconds(1), everything).value().events.empty());
  make_sent_topic_anew(31);
  expect_gap(*source);
  expect_news(*source);
}

// librdkafka ends the process where orders to stop a partition overtake each other.
TEST_F(KafkaEvents, PartitionsMayBeAssignedAnewWithoutAPause) {
  connect();
  const auto reader = kafka::make_lone_reader(options, "hurried", {}, {}).value();
  const auto list = kafka::make_partition_list(3);
  for (std::int32_t p = 0; p < 3; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), kafka::TopicNames(options).sent.c_str(), p)->offset = 0;
  }
  for (int i = 0; i < 300; ++i) ASSERT_EQ(kafka::assign(reader.get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(KafkaEvents, AReaderMayEndRightAfterItsPartitionsWereAssignedAnew) {
  connect();
  const auto list = kafka::make_partition_list(3);
  for (std::int32_t p = 0; p < 3; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), kafka::TopicNames(options).sent.c_str(), p)->offset = 0;
  }
  for (int i = 0; i < 50; ++i) {
    const auto reader = kafka::make_lone_reader(options, "hurried", {}, {}).value();
    ASSERT_TRUE(kafka::warm_up(reader.get(), kafka::TopicNames(options).sent, kTopicTimeout));
    for (int j = 0; j < 2; ++j) ASSERT_EQ(kafka::assign(reader.get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
}

TEST_F(KafkaEvents, AddedPartitionsAreFound) {
  options.partitions = 1;
  connect();
  const auto first = std::move(kafka);
  const auto source = first->make_event_source().value();
  grow_sent_topic(options, 4);
  connect();
  for (int i = 0; i < 30; ++i) publish("conv-" + std::to_string(i), std::to_string(i));
  EXPECT_EQ(poll(*source, 30).events.size(), 30u);
}

// It asks another cluster for the partitions, for a topic that is deleted where it is read leaves librdkafka 2.0 unable
// to end.
TEST_F(KafkaEvents, AddedPartitionsAreFoundWhileTheOtherTopicCannotBeLookedAt) {
  options.partitions = 1;
  connect();
  const kafka::TopicNames names(options);
  const OwnBroker broker;
  kafka::Options elsewhere = options;
  elsewhere.bootstrap_servers = broker.servers();
  const auto cluster = kafka::Cluster::connect(elsewhere).value();
  ASSERT_TRUE(cluster->create_topics({{names.sent, {}}, {names.dead, {}}}, kTopicTimeout));
  ASSERT_TRUE(eventually(
      [&] { return cluster->offsets(names.sent, kTopicTimeout) && cluster->offsets(names.dead, kTopicTimeout); }));
  const auto witnesses = kafka::Witnesses::make(options, *cluster).value();
  const auto source = kafka::KafkaEventSource::make(options, *cluster, *witnesses).value();
  ASSERT_TRUE(cluster->delete_topics({names.dead}, kTopicTimeout));
  for (const kafka::Options& grown : {elsewhere, options}) grow_sent_topic(grown, 4);
  ASSERT_TRUE(eventually([&] {
    return cluster->partitions(names.sent, kTopicTimeout).value() == 4 &&
           !cluster->partitions(names.dead, kTopicTimeout).value();
  }));
  ASSERT_TRUE(source->poll(1, base::SteadyClock::now(), everything));  // looks
  connect();
  for (int i = 0; i < 30; ++i) publish("conv-" + std::to_string(i), std::to_string(i));
  EXPECT_EQ(poll(*source, 30).events.size(), 30u);
}

// They may stand for an event that somebody has damaged, so the clients of their conversation look into the store.
TEST_F(KafkaEvents, ForeignRecordsAmongTheEventsSendTheirConversationToTheStoreAndAreCounted) {
  Metrics metrics;
  options.damage = std::make_shared<Damage>(metrics.unreadable);
  connect();
  const auto source = kafka->make_event_source().value();
  const kafka::TopicNames names(options);
  const auto producer =
      kafka::Producer::make(options, {.name = "foreign", .properties = {}, .topics = {names.sent, names.dead}}).value();
  for (const std::size_t topic : {0, 1}) {
    for (const char* value : {"", "garbage", "{}", R"({"eventType":"MessageSentEvent","messageData":7})"}) {
      kafka::Producer::Handler ignore = [](const base::Result<Receipt>&) {};
      ASSERT_TRUE(producer->produce(topic, {.key = "conv-1", .value = value}, ignore));
    }
  }
  producer->drain();
  publish("conv-1", "good");
  const auto polled = poll(*source, 1);
  ASSERT_EQ(polled.events.size(), 1u);
  EXPECT_FALSE(polled.gap);
  EXPECT_EQ(polled.unreadable_in, std::vector<std::string>(4, "conv-1"));
  EXPECT_NE(metrics.expose().find("message_service_unreadable_total{what=\"events\"} 4"), std::string::npos);
}

TEST_F(KafkaEvents, PublishingWithoutABrokerIsAnErrorInTime) {
  OwnBroker broker;
  options.bootstrap_servers = broker.servers();
  options.publish_timeout = std::chrono::milliseconds(1000);
  connect();
  // A broker that has just started may need longer for its first than the publisher waits.
  ASSERT_TRUE(eventually([&] { return kafka->event_log().publish({stored("conv-1", "first", 1)}, {}).has_value(); }));
  broker.freeze();
  const base::SteadyTime started = base::SteadyClock::now();
  const auto failed = kafka->event_log().publish({stored("conv-1", "second", 2)}, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, base::ErrorCode::unavailable);
  EXPECT_LT(base::SteadyClock::now() - started, std::chrono::seconds(5));
  broker.thaw();
  EXPECT_TRUE(eventually([&] { return kafka->event_log().publish({stored("conv-1", "second", 2)}, {}).has_value(); }));
}

class KafkaTopics : public KafkaTest {};

TEST_F(KafkaTopics, AreMadeAsConfiguredAndTakenAsTheyAre) {
  options.partitions = 5;
  options.retention_age_max = std::chrono::hours(2);
  connect();
  EXPECT_EQ(kafka->shape().value().end_offsets, (std::vector<std::int64_t>{0, 0, 0, 0, 0}));
  append_numbers(0, 20);
  const auto ends = kafka->shape().value().end_offsets;
  EXPECT_EQ(ends[0] + ends[1] + ends[2] + ends[3] + ends[4], 20);

  options.partitions = 6;
  connect();
  const auto report = kafka::Inspector::open(options).value()->report().value();
  EXPECT_FALSE(report.brokers.empty());
  ASSERT_EQ(report.topics.size(), 3u);
  EXPECT_EQ(report.topics[0].partitions, 5);
  EXPECT_EQ(report.topics[0].configs.at("retention.ms"), "7200000");
  EXPECT_EQ(report.topics[2].configs.at("retention.ms"), "-1");
}

TEST_F(KafkaTopics, OneThatCompactsMessagesAwayIsRefused) {
  const std::string topic = kafka::TopicNames(options).requested;
  const auto cluster = kafka::Cluster::connect(options).value();
  ASSERT_TRUE(cluster->create_topics({{topic, {{"cleanup.policy", "compact"}}}}, kTopicTimeout));
  const auto refused = kafka::Kafka::connect(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  EXPECT_NE(refused.error().text.find(topic), std::string::npos);
}

TEST_F(KafkaTopics, TooManyReplicasAreRefused) {
  options.replication_factor = 9;
  const auto refused = kafka::Kafka::connect(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid) << refused.error().text;
}

}  // namespace message_service::contract
