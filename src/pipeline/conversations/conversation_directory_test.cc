#include "pipeline/conversations/conversation_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/cpp/real_store_reader.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service {
namespace {

using std::chrono::milliseconds;

// The real store, with its look-ups counted; it may be down.
class CountingStore final : public RealStoreReader {
 public:
  using RealStoreReader::RealStoreReader;

  std::atomic<int> look_ups = 0;
  std::atomic<bool> down = false;

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override {
    ++look_ups;
    if (down) return base::Error{base::ErrorCode::unavailable, "the store is down"};
    return RealStoreReader::find_conversation(id);
  }
};

class Directory : public testing::Test {
 protected:
  Directory() { adapter.create_conversation("conv-1"); }

  ConversationDirectory directory(const ConversationDirectory::Options& options = {}) {
    return {store,
            [this](std::function<void()> work) {
              if (queue.size() >= queue_max) return false;
              queue.push_back(std::move(work));
              return true;
            },
            options};
  }

  void run_queue() {
    while (!queue.empty()) {
      const auto work = std::move(queue.front());
      queue.pop_front();
      work();
    }
  }

  // Remembers every answer.
  ConversationDirectory::Handler remember() {
    return [this](const base::Result<bool>& exists) { answers.push_back(exists); };
  }

  embedded::TemporaryEmbedded adapter;
  CountingStore store{adapter->store_reader()};
  std::deque<std::function<void()>> queue;
  std::size_t queue_max = 100;
  std::vector<base::Result<bool>> answers;
};

TEST_F(Directory, EverybodyWhoAsksMeanwhileSharesOneLookUp) {
  auto conversations = directory();
  for (int i = 0; i < 10; ++i) conversations.exists("conv-1", remember());
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_TRUE(answers.empty());
  EXPECT_FALSE(conversations.knows("conv-1"));
  run_queue();
  EXPECT_EQ(store.look_ups, 1);
  ASSERT_EQ(answers.size(), 10u);
  for (const auto& answer : answers) EXPECT_TRUE(answer.value());
  EXPECT_TRUE(conversations.knows("conv-1"));
}

TEST_F(Directory, AKnownOneIsAnsweredAtOnceAndForGood) {
  auto conversations = directory({.entries_max = 100, .unknown_for = milliseconds(1)});
  EXPECT_TRUE(conversations.exists_now("conv-1").value());
  std::this_thread::sleep_for(milliseconds(5));
  conversations.exists("conv-1", remember());
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].value());
  EXPECT_TRUE(conversations.exists_now("conv-1").value());
  EXPECT_EQ(store.look_ups, 1);
  EXPECT_TRUE(queue.empty());
}

TEST_F(Directory, AnUnknownOneIsAskedForAgainAfterAMoment) {
  auto conversations = directory({.entries_max = 100, .unknown_for = milliseconds(1000)});
  EXPECT_FALSE(conversations.exists_now("conv-2").value());
  EXPECT_FALSE(conversations.exists_now("conv-2").value());
  EXPECT_EQ(store.look_ups, 1) << "many questions about nothing are no load for the store";
  EXPECT_FALSE(conversations.knows("conv-2"));
  adapter.create_conversation("conv-2");  // by another node
  std::this_thread::sleep_for(milliseconds(1010));
  EXPECT_TRUE(conversations.exists_now("conv-2").value());
  EXPECT_EQ(store.look_ups, 2);
}

TEST_F(Directory, ARememberedNoIsNotTakenForCertain) {
  auto conversations = directory({.entries_max = 100, .unknown_for = std::chrono::hours(1)});
  EXPECT_FALSE(conversations.exists_for_certain("conv-2").value());
  adapter.create_conversation("conv-2");  // by another node, which accepts messages for it at once
  EXPECT_TRUE(conversations.exists_for_certain("conv-2").value());
  EXPECT_TRUE(conversations.exists_for_certain("conv-2").value());
  EXPECT_EQ(store.look_ups, 2) << "a conversation that is known is not looked up again";
}

TEST_F(Directory, OneThatIsMadeHereIsKnownAtOnce) {
  auto conversations = directory({.entries_max = 100, .unknown_for = std::chrono::hours(1)});
  EXPECT_FALSE(conversations.exists_now("conv-3").value());
  adapter.create_conversation("conv-3");
  conversations.add("conv-3");
  EXPECT_TRUE(conversations.knows("conv-3"));
  EXPECT_TRUE(conversations.exists_now("conv-3").value());
  EXPECT_EQ(store.look_ups, 1);
}

// The look-up reads before the conversation is made and reports after it.
TEST_F(Directory, ALateNoDoesNotUndoWhatWasMadeMeanwhile) {
  auto conversations = directory();
  conversations.exists("conv-4", remember());
  conversations.add("conv-4");
  run_queue();
  EXPECT_TRUE(conversations.knows("conv-4"));
}

TEST_F(Directory, AStoreThatIsDownIsAnErrorAndIsAskedAgain) {
  auto conversations = directory();
  store.down = true;
  conversations.exists("conv-1", remember());
  run_queue();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(conversations.exists_now("conv-1").error().code, base::ErrorCode::unavailable);
  store.down = false;
  EXPECT_TRUE(conversations.exists_now("conv-1").value()) << "an error is not remembered";
}

TEST_F(Directory, WhenTooManyLookUpsWaitTheQuestionIsRefusedAndMayComeAgain) {
  auto conversations = directory();
  queue_max = 0;
  conversations.exists("conv-1", remember());
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, base::ErrorCode::refused);
  queue_max = 1;
  conversations.exists("conv-1", remember());
  run_queue();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1].value());
}

TEST_F(Directory, HoldsNoMoreThanItMayAndForgetsTheLeastUsedFirst) {
  auto conversations = directory({.entries_max = 64, .unknown_for = std::chrono::hours(1)});
  conversations.add("favourite");
  for (int i = 0; i < 2000; ++i) {
    conversations.add("conv-" + std::to_string(i));
    ASSERT_TRUE(conversations.knows("conv-" + std::to_string(i)));
    ASSERT_TRUE(conversations.knows("favourite")) << i;
  }
  int known = 0;
  for (int i = 0; i < 2000; ++i) known += conversations.knows("conv-" + std::to_string(i)) ? 1 : 0;
  EXPECT_LE(known, 63);
  EXPECT_GT(known, 32);
  for (int i = 0; i < 200; ++i) (void)conversations.exists_now("nothing-" + std::to_string(i));
  EXPECT_TRUE(conversations.exists_now("conv-1").value());  // forgotten, and found again
}

TEST_F(Directory, UnknownIdsPushNoKnownOneOut) {
  auto conversations = directory({.entries_max = 1600, .unknown_for = std::chrono::hours(1)});
  for (int i = 0; i < 400; ++i) conversations.add("conv-" + std::to_string(i));
  for (int i = 0; i < 5000; ++i) (void)conversations.exists_now("nothing-" + std::to_string(i));
  for (int i = 0; i < 400; ++i) EXPECT_TRUE(conversations.knows("conv-" + std::to_string(i))) << i;
}

TEST_F(Directory, HoldsFewerOfLongIds) {
  auto conversations = directory({.entries_max = 1600, .unknown_for = std::chrono::hours(1)});
  const std::string filling(4 * 256 - 128, 'x');
  for (int i = 0; i < 1600; ++i) conversations.add(filling + std::to_string(i));
  int known = 0;
  for (int i = 0; i < 1600; ++i) known += conversations.knows(filling + std::to_string(i)) ? 1 : 0;
  EXPECT_LE(known, 400) << "a quarter of the entries, since each is four times as long as one in the middle";
  EXPECT_GT(known, 300);
}

TEST_F(Directory, OfManyThreadsEachGetsItsAnswer) {
  ConversationDirectory conversations(store,
                                      [](const std::function<void()>& work) {
                                        std::thread(work).join();
                                        return true;
                                      },
                                      {.entries_max = 16, .unknown_for = milliseconds(0)});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const bool real = (i + t) % 2 == 0;
        conversations.exists(real ? "conv-1" : "nothing-" + std::to_string(i),
                             [&, real](const base::Result<bool>& exists) {
                               if (exists && *exists == real) ++right;
                             });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(embedded::eventually([&] { return right == 200; })) << right;
}

}  // namespace
}  // namespace message_service
