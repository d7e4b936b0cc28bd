// Records of other programs on Kafka: where they belong, and what is too large to be written again.
#include <random>

#include "contract/kafka_broker.h"
#include "wire/event_json.h"

namespace message_service::contract {

namespace {

constexpr std::size_t kTooLarge = 3'000'000;  // for any topic as it is made

std::string noise(std::size_t bytes) {
  std::mt19937 random(1);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

}  // namespace

class KafkaForeignRecords : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    if (!IsSkipped()) connect();
  }

  static MovedRecord moved(std::int32_t partition, std::int64_t offset, std::string value) {
    return {
        .partition = partition,
        .source = {{.partition = 2, .offset = offset}, {.key = "k", .value = std::move(value), .headers = {{"h", ""}}}},
        .conversation_id = "conv-1",
        .temporary_message_id = "t"};
  }

  std::vector<ConsumedRecord> read(LogReader& reader, std::size_t records) {
    std::vector<ConsumedRecord> all;
    EXPECT_TRUE(eventually([&] {
      auto polled = reader.poll(records, base::SteadyClock::now() + std::chrono::milliseconds(100)).value();
      std::ranges::move(polled.records, std::back_inserter(all));
      return all.size() >= records;
    }));
    return all;
  }
};

TEST_F(KafkaForeignRecords, TheReaderKnowsWhereTheWriterPutsAConversation) {
  const auto reader = kafka->make_log_reader().value();
  await_partitions(*reader, options);
  for (int i = 0; i < 50; ++i) {
    const std::string conversation = "conv-\xC3\xA4-" + std::string(static_cast<std::size_t>(i), 'x');
    const auto receipt = append(kafka->log_writer(), {.key = conversation, .value = "x"});
    EXPECT_EQ(receipt.value().position.partition, reader->partition_of(conversation).value()) << conversation;
  }
}

TEST_F(KafkaForeignRecords, AreAppendedAgainAsTheyCameAndOneThatIsTooLargeStopsNone) {
  const auto reader = kafka->make_log_reader().value();
  await_partitions(*reader, options);
  const auto answers = kafka->log_writer()
                           .append_again({moved(1, 7, "a"), moved(1, 8, noise(kTooLarge)), moved(0, 9, "c"),
                                          moved(1, 10, std::string(kTooLarge, 'x')), moved(1, 11, "e")})
                           .value();
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_TRUE(answers[0] && answers[2] && answers[3] && answers[4]) << "the fourth compresses";
  EXPECT_EQ(answers[1].error().code, base::ErrorCode::invalid);

  std::vector<std::string> from;
  for (const ConsumedRecord& consumed : read(*reader, 4)) {
    EXPECT_EQ(consumed.record.key, "k");
    EXPECT_EQ(consumed.record.headers.at(0), (Header{"h", ""}));
    if (consumed.position.partition == 1) from.push_back(to_text(wire::read_moved_from(consumed.record).value()));
  }
  EXPECT_EQ(from, (std::vector<std::string>{"2/7", "2/10", "2/11"})) << "in their order";
}

TEST_F(KafkaForeignRecords, ADeadLetterThatIsTooLargeIsReadWhereItLies) {
  options.client = {{"message.max.bytes", "10000000"}, {"compression.codec", "lz4"}};
  connect();
  const Position place =
      append(kafka->log_writer(), {.key = "k", .value = std::string(kTooLarge, 'x')}).value().position;
  // The record in the log is not the one that is dead, but the letter is as large.
  const auto letter = [&](Position position) {
    return DeadLetter{.source = {position, {.key = "k", .value = noise(kTooLarge)}},
                      .reason = DeadReason::malformed,
                      .error = "no JSON",
                      .rejection = {}};
  };
  const Position never{.partition = place.partition, .offset = place.offset + 100};
  ASSERT_TRUE(kafka->event_log().publish({}, {letter(place), letter(never)}));
  const auto found = kafka->event_log().find_dead_letters({place, never}).value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].reference, place);
  EXPECT_EQ(found[0].gone, "");
  EXPECT_EQ(found[0].record.value.size(), kTooLarge);
  EXPECT_EQ(found[1].reference, never);
  EXPECT_NE(found[1].gone, "");
  EXPECT_EQ(header_value(found[1].record, "reason"), "malformed");
}

}  // namespace message_service::contract
