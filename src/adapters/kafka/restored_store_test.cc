#include "adapters/kafka/restored_store.h"

#include <gtest/gtest.h>

namespace message_service::kafka {
namespace {

constexpr OffsetRange kLog{.begin = 0, .end = 200};

CommittedPlace at(std::int64_t next, std::optional<std::int64_t> stored) {
  return {.next = next, .witness = {}, .stored = stored};
}

TEST(RestoredStore, OneThatHasWhatWasCommittedIsLeftAlone) {
  for (const std::int64_t noted : {100, 120}) {
    const Comparison what = compare(at(100, 90), noted, kLog);
    EXPECT_FALSE(what.go_back_to || what.note || what.restored);
  }
  EXPECT_FALSE(compare({}, std::nullopt, kLog).go_back_to) << "a group that has committed nothing";
}

TEST(RestoredStore, NotesThatACrashLeftBehindAreReadAgainFrom) {
  const Comparison what = compare(at(100, 90), 90, kLog);
  EXPECT_EQ(what.go_back_to, 90);
  EXPECT_FALSE(what.restored);
  EXPECT_FALSE(compare(at(100, 90), 90, {.begin = 100, .end = 200}).go_back_to)
      << "retention has taken what was stored";
}

TEST(RestoredStore, OneThatHasLessThanItHadWasRestored) {
  const Comparison what = compare(at(100, 90), 40, kLog);
  EXPECT_EQ(what.go_back_to, 40);
  EXPECT_TRUE(what.restored);
  EXPECT_EQ(what.gone, 0);
  EXPECT_EQ(compare(at(100, 90), std::nullopt, kLog).go_back_to, 0) << "an empty database";
}

TEST(RestoredStore, ANoteBeyondTheLogsEndIsOfATopicThatWasThereBefore) {
  const Comparison what = compare(at(10, 10), 300, kLog);
  EXPECT_EQ(what.note, 10);
  EXPECT_TRUE(what.anew);
  EXPECT_FALSE(what.restored);
}

TEST(RestoredStore, SaysHowManyRecordsAreGone) {
  const Comparison what = compare(at(100, 90), 40, {.begin = 70, .end = 200});
  EXPECT_EQ(what.go_back_to, 70);
  EXPECT_EQ(what.gone, 30);
  EXPECT_EQ(compare(at(100, 90), 40, {.begin = 150, .end = 200}).gone, 60);
}

TEST(RestoredStore, AfterAProgramWithoutNotesThePositionCounts) {
  EXPECT_EQ(compare(at(100, std::nullopt), 40, kLog).note, 100);
  EXPECT_EQ(compare(at(100, std::nullopt), std::nullopt, kLog).note, 100);
  EXPECT_FALSE(compare(at(100, std::nullopt), 100, kLog).note);
}

}  // namespace
}  // namespace message_service::kafka
