#include "signalr/hub/upload.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

#include "signalr/hub/hub_exception.h"

namespace signalr {
namespace {

class UploadTest : public testing::Test {
 protected:
  void push(int item) {
    const auto work = [](UploadTest& test, int number) -> runtime::Awaitable<void> {
      co_await test.upload.push(number);
      ++test.placed;
    };
    boost::asio::co_spawn(context, work(*this, item), boost::asio::detached);
    settle();
  }

  // Notes the result of a read: "1", "end", or the error's text.
  void read() {
    const auto work = [](UploadTest& test) -> runtime::Awaitable<void> {
      std::string note;
      try {
        const std::optional<Value> item = co_await test.upload.read();
        note = item ? std::to_string(item->if_integer().value_or(-1)) : "end";
      } catch (const HubException& exception) {
        note = exception.what();
      }
      test.notes.push_back(note);
    };
    boost::asio::co_spawn(context, work(*this), boost::asio::detached);
    settle();
  }

  void settle() {
    context.restart();
    context.poll();
  }

  using Notes = std::vector<std::string>;
  boost::asio::io_context context{1};
  Upload upload{context.get_executor(), 2};
  int placed = 0;
  Notes notes;
};

TEST_F(UploadTest, ItemsComeInOrderAndTheReaderWaitsForThem) {
  read();
  EXPECT_TRUE(notes.empty());
  push(1);
  push(2);
  read();
  upload.finish();
  read();
  read();
  EXPECT_EQ(notes, (Notes{"1", "2", "end", "end"}));
}

TEST_F(UploadTest, WhenItIsFullTheSenderWaits) {
  for (int i = 1; i <= 3; ++i) push(i);
  EXPECT_EQ(placed, 2);
  read();
  EXPECT_EQ(placed, 3);
  push(4);
  EXPECT_EQ(placed, 3);
  read();
  read();
  EXPECT_EQ(placed, 4);
  EXPECT_EQ(notes, (Notes{"1", "2", "3"}));
}

TEST_F(UploadTest, AFailureComesBehindWhatWasSentBefore) {
  push(1);
  upload.fail("broken");
  push(2);
  EXPECT_EQ(placed, 2) << "dropped, and nobody waits";
  read();
  read();
  EXPECT_EQ(notes, (Notes{"1", "broken"}));
  upload.finish();
  read();
  EXPECT_EQ(notes.back(), "broken") << "the first end counts";
}

TEST_F(UploadTest, AReaderThatWaitsIsToldOfTheFailure) {
  read();
  upload.fail("gone");
  settle();
  EXPECT_EQ(notes, (Notes{"gone"}));
}

TEST_F(UploadTest, WhenTheMethodHasEndedNobodyWaitsAnyMore) {
  for (int i = 1; i <= 3; ++i) push(i);
  upload.drop();
  settle();
  EXPECT_EQ(placed, 3);
  push(4);
  EXPECT_EQ(placed, 4);
  read();
  EXPECT_EQ(notes, (Notes{"end"}));
}

}  // namespace
}  // namespace signalr
