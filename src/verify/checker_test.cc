// The kinds of faults, each planted, are checked against the tests' own checker by tests/verify/cross.test.mjs. Here is
// what that one does not know: memory, retries, clocks, listings that begin anew.
#include "verify/checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace message_service::verify {
namespace {

class Lines {
 public:
  explicit Lines(const Checker::Options& options = {}) : checker_(options) { checker_.begin_file(0); }

  Lines& file(std::uint16_t number) {
    checker_.begin_file(number);
    return *this;
  }
  Lines& recording(const std::string& clock = "") { return add({.kind = EventKind::recording, .clock = clock}); }
  Lines& sending(const std::string& key, double at, const std::string& content = "text") {
    return add({.kind = EventKind::sending, .conversation_id = "c", .key = key, .content = content, .at_ms = at});
  }
  Lines& sent(const std::string& key, double at, SendOutcome outcome = SendOutcome::ok) {
    return add({.kind = EventKind::sent, .outcome = outcome, .conversation_id = "c", .key = key, .at_ms = at});
  }
  Lines& listing() { return add({.kind = EventKind::listing, .conversation_id = "c"}); }
  Lines& listed() { return add({.kind = EventKind::listed, .conversation_id = "c"}); }
  Lines& stored(const std::string& key, std::uint64_t sequence, const std::string& content = "text") {
    const SeenMessage message{.id = key, .key = key, .conversation_id = "c", .content = content, .sequence = sequence};
    return add({.kind = EventKind::stored, .message = message});
  }
  Lines& view(const std::string& name, std::uint64_t after) {
    return add({.kind = EventKind::view, .conversation_id = "c", .view = name, .sequence = after});
  }
  Lines& received(const std::string& name, const std::string& key, std::uint64_t sequence) {
    const SeenMessage message{.id = key, .key = key, .conversation_id = "c", .content = "text", .sequence = sequence};
    return add({.kind = EventKind::received, .view = name, .message = message});
  }
  Lines& settled(const std::string& name, std::uint64_t up_to) {
    return add({.kind = EventKind::settled, .view = name, .sequence = up_to});
  }
  Lines& add(const HistoryEvent& event) {
    const auto added = checker_.add(event, ++line_);
    EXPECT_TRUE(added) << added.error().text;
    return *this;
  }
  Report report() {
    auto report = checker_.finish();
    EXPECT_TRUE(report) << report.error().text;
    return *report;
  }
  std::vector<FaultKind> faults() {
    std::vector<FaultKind> kinds;
    for (const Fault& fault : report().faults) kinds.push_back(fault.kind);
    return kinds;
  }
  Checker& checker() { return checker_; }

 private:
  Checker checker_;
  std::uint64_t line_ = 0;
};

using Kinds = std::vector<FaultKind>;

TEST(Checker, TriesOfOneKeyAreOneWrite) {
  const Report report = Lines()
                            .sending("k", 1)
                            .sent("k", 2, SendOutcome::unknown)
                            .sending("k", 3)
                            .sent("k", 4)
                            .sending("r", 1)
                            .sent("r", 2, SendOutcome::refused)
                            .sending("r", 3)
                            .sent("r", 4, SendOutcome::refused)
                            .sending("u", 1)
                            .sent("u", 2, SendOutcome::refused)
                            .sending("u", 3)
                            .listing()
                            .stored("k", 1)
                            .stored("u", 2)
                            .listed()
                            .report();
  EXPECT_EQ(report.faults_found(), 0u);
  EXPECT_EQ(report.counts.writes, 3u);
  EXPECT_EQ(report.counts.ok, 1u);
  EXPECT_EQ(report.counts.refused, 1u);
  EXPECT_EQ(report.counts.unknown, 1u);
  EXPECT_EQ(report.counts.unknown_but_stored, 1u);
}

TEST(Checker, AnyOfTheContentsThatWereSentIsRight) {
  Lines lines;
  lines.sending("k", 1, "one").sent("k", 2, SendOutcome::unknown).sending("k", 3, "two").sent("k", 4);
  EXPECT_EQ(lines.listing().stored("k", 1, "two").listed().faults(), Kinds());
  Lines others;
  others.sending("k", 1, "one").sent("k", 2, SendOutcome::unknown).sending("k", 3, "two").sent("k", 4);
  EXPECT_EQ(others.listing().stored("k", 1, "three").listed().faults(), Kinds{FaultKind::altered});
}

TEST(Checker, NothingIsLostWithoutAWholeListing) {
  EXPECT_EQ(Lines().sending("k", 1).sent("k", 2).faults(), Kinds());
  EXPECT_EQ(Lines().sending("k", 1).sent("k", 2).listing().faults(), Kinds());
  EXPECT_EQ(Lines().sending("k", 1).sent("k", 2).listing().listed().faults(), Kinds{FaultKind::lost});
  Lines lines;
  lines.sending("k", 1);
  EXPECT_EQ(lines.checker().unlisted(), std::vector<std::string>{"c"});
  lines.listing().listed();
  EXPECT_EQ(lines.checker().unlisted(), std::vector<std::string>());
}

TEST(Checker, TheLastWholeListingCounts) {
  Lines anew;
  anew.sending("a", 1).sent("a", 2).sending("b", 3).sent("b", 4);
  anew.listing().stored("a", 1).recording().listing().stored("a", 1).stored("b", 2).listed();
  EXPECT_EQ(anew.faults(), Kinds());
  Lines unfinished;
  unfinished.sending("a", 1).sent("a", 2).listing().stored("a", 1).listed().listing().stored("a", 1).stored("a", 1);
  EXPECT_EQ(unfinished.faults(), Kinds()) << "nor does what is wrong with another one";
}

TEST(Checker, AnOutcomeInAnotherFileStillCounts) {
  Lines lines;
  lines.sending("k", 1).file(1).sent("k", 2).listing().listed();
  EXPECT_EQ(lines.faults(), Kinds{FaultKind::lost});
}

TEST(Checker, TimesOfTwoClocksAreNotCompared) {
  const auto swapped = [](Lines& lines) -> Lines& { return lines.listing().stored("b", 1).stored("a", 2).listed(); };
  Lines one;
  one.sending("a", 1).sent("a", 2).sending("b", 3).sent("b", 4);
  EXPECT_EQ(swapped(one).faults(), Kinds{FaultKind::reordered});
  Lines two;
  two.sending("a", 1).sent("a", 2).recording().sending("b", 3).sent("b", 4);
  EXPECT_EQ(swapped(two).faults(), Kinds());
  Lines shared;
  shared.recording("host").sending("a", 1).sent("a", 2).file(1).recording("host").sending("b", 3).sent("b", 4);
  EXPECT_EQ(swapped(shared).faults(), Kinds{FaultKind::reordered});
}

TEST(Checker, AViewIsJudgedAsFarAsItWentOrSaidItWould) {
  const auto listed = [](Lines& lines) -> Lines& {
    for (const char* key : {"a", "b", "c"}) lines.sending(key, 1).sent(key, 9);
    return lines.listing().stored("a", 1).stored("b", 2).stored("c", 4).listed();
  };
  Lines open;
  EXPECT_EQ(listed(open).view("v", 0).received("v", "a", 1).faults(), Kinds());
  Lines gap;
  EXPECT_EQ(listed(gap).view("v", 0).received("v", "a", 1).received("v", "c", 4).faults(), Kinds{FaultKind::not_seen});
  Lines settled;
  EXPECT_EQ(listed(settled).view("v", 1).settled("v", 4).faults(), (Kinds{FaultKind::not_seen, FaultKind::not_seen}));
  Lines again;
  listed(again).view("v", 0).received("v", "a", 1).view("v", 2).received("v", "c", 4);
  EXPECT_EQ(again.faults(), Kinds()) << "a view of the same name is another one";
}

TEST(Checker, AViewWithoutAListingIsCheckedForItself) {
  Lines lines;
  lines.view("v", 3).received("v", "x", 5).received("v", "y", 4).received("v", "x", 5).received("v", "z", 3);
  const Report report = lines.report();
  EXPECT_EQ(report.found[static_cast<std::size_t>(FaultKind::seen_out_of_order)], 1u);
  EXPECT_EQ(report.found[static_cast<std::size_t>(FaultKind::seen_twice)], 2u);
  EXPECT_EQ(report.faults_found(), 3u);
}

TEST(Checker, ForeignMessagesAreFaultsUnlessOthersWrite) {
  EXPECT_EQ(Lines().listing().stored("x", 1).listed().faults(), Kinds{FaultKind::phantom});
  const Report report = Lines({.others_write = true}).listing().stored("x", 1).listed().report();
  EXPECT_EQ(report.faults_found(), 0u);
  EXPECT_EQ(report.counts.foreign, 1u);
}

TEST(Checker, SaysWhichFieldCannotBeTrue) {
  Checker checker({});
  checker.begin_file(0);
  const auto error_of = [&](const HistoryEvent& event) {
    const auto added = checker.add(event, 1);
    return added ? std::string() : added.error().text;
  };
  EXPECT_EQ(error_of({.kind = EventKind::received, .view = "v"}),
            "view has not begun: no line of the event 'view' names it before");
  EXPECT_EQ(error_of({.kind = EventKind::stored}), "event 'stored' is outside of a listing: none has begun");
  EXPECT_EQ(error_of({.kind = EventKind::listed, .conversation_id = "c"}),
            "conversationId is not the one whose listing began last");
}

// More than the memory holds, so that it comes back from files.
TEST(Checker, FindsTheSameInLittleMemory) {
  const auto run = [](std::size_t memory_bytes) {
    Lines lines({.memory_bytes = memory_bytes});
    constexpr int kMessages = 20'000;
    for (int i = 0; i < kMessages; ++i) {
      const std::string key = "k" + std::to_string(i);
      lines.sending(key, i * 2).sent(key, i * 2 + 1);
    }
    lines.view("v", 0).listing();
    for (int i = 0; i < kMessages; ++i) {
      const std::string key = "k" + std::to_string(i);
      const auto sequence = static_cast<std::uint64_t>(i) + 1;
      if (i != 777) lines.stored(key, sequence, i == 8'888 ? "other" : "text");
      if (i != 15'000 && i != 8'888) lines.received("v", key, sequence);
    }
    lines.stored("k5", kMessages + 1).listed();
    return lines.report();
  };
  const Report roomy = run(std::size_t{64} << 20);
  const Report tight = run(1);
  EXPECT_EQ(roomy.found, tight.found);
  EXPECT_EQ(roomy.counts.stored, tight.counts.stored);
  const auto count = [&](FaultKind kind) { return tight.found[static_cast<std::size_t>(kind)]; };
  EXPECT_EQ(count(FaultKind::lost), 1u);
  EXPECT_EQ(count(FaultKind::seen_phantom), 1u) << "the lost one was seen";
  EXPECT_EQ(count(FaultKind::altered), 1u);
  EXPECT_EQ(count(FaultKind::not_seen), 2u);
  EXPECT_EQ(count(FaultKind::doubled), 1u);
  EXPECT_EQ(count(FaultKind::reordered), 1u) << "the double comes after all that was sent after it";
  EXPECT_EQ(tight.faults_found(), 7u);
}

TEST(Checker, AFolderThatCannotKeepIsAnError) {
  Lines lines({.memory_bytes = 1, .folder = "/nonexistent-folder"});
  for (int i = 0; i < 2000; ++i) lines.sending("k" + std::to_string(i), i).sent("k" + std::to_string(i), i);
  const auto report = lines.checker().finish();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace message_service::verify
