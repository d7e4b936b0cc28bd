// The register of epochs: what the log looks like is noticed at the start and while messages come, by every node alike.
#include <thread>

#include "contract/mongodb_fixture.h"

namespace message_service::contract {

class MongoDbEpochs : public MongoDbTest {
 protected:
  std::uint64_t stored_at(Position position, const std::string& key) {
    const auto outcomes = stored({item(position.offset, "conv-1", key, key, position.partition)});
    return outcomes.at(0).stored->sequence();
  }
  void restart() { store = connect(); }
};

TEST_F(MongoDbEpochs, PartitionsThatAreAddedWhileMessagesComeLieAbove) {
  log.partitions = 2;
  const auto first = stored_at({1, 7}, "a");
  log.partitions = 4;
  const auto moved = stored_at({3, 0}, "b");
  EXPECT_GT(moved, first);
  EXPECT_EQ(stored_at({1, 8}, "c"), first + 2);
  restart();
  EXPECT_EQ(stored_at({3, 1}, "d"), moved + 2);
}

// conv-1 moves from partition 1 of 2 to partition 0 of 3, where its record lies at a lower offset.
TEST_F(MongoDbEpochs, AConversationThatMovesBetweenOldPartitionsGoesOnAbove) {
  log.partitions = 2;
  const auto last = stored_at({1, 1000}, "a");
  log.partitions = 3;
  restart();
  ASSERT_TRUE(store->prepare());
  EXPECT_GT(stored_at({0, 7}, "b"), last);
  // Stored before and not committed: a replay, which keeps its sequence.
  const auto again = stored({item(1000, "conv-1", "a", "a", 1)});
  EXPECT_EQ(again.at(0).kind, Kind::stored_again);
  EXPECT_EQ(again.at(0).stored->sequence(), last);
  EXPECT_EQ(contents("conv-1"), (std::vector<std::string>{"a", "b"}));
}

TEST_F(MongoDbEpochs, AnotherLogGoesOnAboveAndTheFirstOneIsKnownAgain) {
  const auto first = stored_at({0, 1000}, "a");
  log.log_id = "log-2";
  restart();
  const auto second = stored_at({0, 0}, "b");
  EXPECT_GT(second, first);
  log.log_id = "log-1";
  restart();
  // Stored before the change and not announced: a replay, and not a repetition by the client.
  const auto again = stored({item(1000, "conv-1", "a", "a")});
  EXPECT_EQ(again.at(0).kind, Kind::stored_again);
  EXPECT_EQ(again.at(0).stored->sequence(), first);
  EXPECT_GT(stored_at({0, 1001}, "c"), second);
  EXPECT_EQ(contents("conv-1"), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(MongoDbEpochs, ALogThatWasEmptiedAndKeptItsNameIsNoticed) {
  log.end_offsets = {0};
  stored(items(0, 50, 1));  // how far it has come is remembered with the first batch
  log.end_offsets = {3};
  restart();
  ASSERT_TRUE(store->prepare());
  const auto outcomes = stored({item(0, "conv-0", "new", "new")});
  EXPECT_GT(outcomes.at(0).stored->sequence(), std::uint64_t{1} << 44);
  EXPECT_EQ(contents("conv-0").back(), "new");
}

TEST_F(MongoDbEpochs, NodesThatStartTogetherAgree) {
  log.partitions = 4;
  std::vector<std::unique_ptr<mongodb::MongoDb>> nodes;
  std::vector<std::thread> starting;
  for (int i = 0; i < 5; ++i) nodes.push_back(connect());
  for (auto& node : nodes) starting.emplace_back([&] { EXPECT_TRUE(node->prepare()); });
  for (std::thread& thread : starting) thread.join();
  const auto all = items(0, 3);
  EXPECT_EQ(count(store_of(*nodes[0]).store(all, DeadLetterOrder::pass).value(), Kind::stored), 3u);
  for (auto& node : nodes)
    EXPECT_EQ(count(store_of(*node).store(all, DeadLetterOrder::pass).value(), Kind::stored_again), 3u);
  const std::string epochs = database->run(R"({"count": "log_epochs"})");
  EXPECT_NE(epochs.find(R"("n" : { "$numberInt" : "1" })"), std::string::npos) << epochs;
}

TEST_F(MongoDbEpochs, SynchronousWritesAndTheLogFollowEachOther) {
  stored_at({0, 5}, "a");
  ASSERT_TRUE(store_of(*store).write(admitted("conv-1", "b", "b")));
  restart();
  ASSERT_TRUE(store_of(*store).write(admitted("conv-1", "c", "c")));
  restart();
  stored_at({0, 6}, "d");
  stored_at({0, 7}, "e");
  EXPECT_EQ(contents("conv-1"), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(MongoDbEpochs, ALogThatCannotBeAskedIsAskedAgain) {
  mongodb::Options sick = options();
  bool answers = false;
  sick.log_shape = [&]() -> base::Result<mongodb::LogShape> {
    if (answers) return log;
    return base::Error{base::ErrorCode::unavailable, "no broker answers"};
  };
  store = mongodb::MongoDb::connect(sick).value();
  EXPECT_EQ(store_of(*store).store(items(0, 1), DeadLetterOrder::pass).error().code, base::ErrorCode::unavailable);
  answers = true;
  EXPECT_TRUE(store_of(*store).store(items(0, 1), DeadLetterOrder::pass));
}

// The log as its reader knows it; the test says what lies there.
class KnownLog final : public LogIdentity {
 public:
  std::uint64_t turn(std::int32_t partition) const override { return partitions.at(partition).turn; }
  std::optional<Witness> witness(std::int32_t partition, std::uint64_t turn) const override {
    const Partition& now = partitions.at(partition);
    return now.turn == turn ? std::optional(now.witness) : std::nullopt;
  }
  base::Result<Testimony> look(std::int32_t partition, const Witness& witness) override {
    const Partition& now = partitions.at(partition);
    if (witness.offset < now.begin) return Testimony::gone;
    return now.witness.print == witness.print ? Testimony::same : Testimony::other;
  }

  // The topic was deleted and made again, and the reader of this partition has found out.
  void make_anew(std::int32_t partition) {
    Partition& now = partitions.at(partition);
    ++now.turn;
    now = {.turn = now.turn, .begin = 0, .witness = {.offset = 0, .print = now.witness.print + 1}};
  }

  struct Partition {
    std::uint64_t turn = 1;
    std::int64_t begin = 0;
    Witness witness{.offset = 0, .print = 1};
  };
  std::map<std::int32_t, Partition> partitions{{0, {}}, {1, {}}, {2, {}}};
};

class MongoDbAnew : public MongoDbEpochs {
 protected:
  void SetUp() override {
    MongoDbEpochs::SetUp();
    if (IsSkipped()) return;
    log.partitions = 3;
    restart();
  }
  void restart() {
    mongodb::Options with_identity = options();
    with_identity.log_identity = &known;
    store = mongodb::MongoDb::connect(with_identity).value();
  }
  std::string epochs() { return database->run(R"({"count": "log_epochs"})"); }

  KnownLog known;
};

TEST_F(MongoDbAnew, SequencesGoOnRisingWithoutARestart) {
  const auto first = stored_at({0, 40}, "a");
  known.make_anew(0);
  const auto second = stored_at({0, 0}, "b");
  EXPECT_GT(second, first);
  EXPECT_EQ(stored_at({0, 1}, "c"), second + 3);
  restart();
  EXPECT_EQ(stored_at({0, 2}, "d"), second + 6) << "and every later node says the same";
}

TEST_F(MongoDbAnew, APartitionWhoseReaderHasNotFoundOutYetStaysInItsEpoch) {
  const auto old_one = stored_at({1, 500}, "a");
  stored_at({0, 40}, "b");
  known.make_anew(0);
  const auto anew = stored_at({0, 0}, "c");
  EXPECT_EQ(stored_at({1, 501}, "d"), old_one + 3) << "read before the topic was deleted";
  known.make_anew(1);
  const auto joined = stored_at({1, 0}, "e");
  EXPECT_EQ(joined, anew + 1) << "the same epoch";
  EXPECT_NE(epochs().find(R"("n" : { "$numberInt" : "2" })"), std::string::npos) << epochs();
}

TEST_F(MongoDbAnew, AReaderThatBeginsAnewInTheSamePartitionChangesNothing) {
  const auto first = stored_at({0, 40}, "a");
  known.partitions.at(0).turn = 7;
  EXPECT_EQ(stored_at({0, 41}, "b"), first + 3);
}

TEST_F(MongoDbAnew, WhereNobodyCanTellSequencesRise) {
  const auto first = stored_at({0, 40}, "a");
  known.partitions.at(0) = {.turn = 2, .begin = 10, .witness = {.offset = 10, .print = 9}};
  const auto again = stored_at({0, 20}, "b");
  EXPECT_GT(again, first);
  known.partitions.at(0) = {.turn = 3, .begin = 60, .witness = {.offset = 60, .print = 10}};
  EXPECT_EQ(stored_at({0, 60}, "c"), again + 40 * 3) << "beyond all that is stored there is no doubt";
}

TEST_F(MongoDbAnew, ATopicMadeAnewMayHaveAnyNumberOfPartitions) {
  const auto first = stored_at({2, 40}, "a");
  log.partitions = 2;
  known.make_anew(0);
  const auto fewer = stored_at({0, 0}, "b");
  EXPECT_GT(fewer, first);
  known.make_anew(1);
  EXPECT_GT(stored_at({1, 0}, "c"), first);
  log.partitions = 3;
  known.make_anew(0);
  EXPECT_GT(stored_at({0, 0}, "d"), fewer);
}

}  // namespace message_service::contract
