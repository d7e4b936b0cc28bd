#include "pipeline/views/view_verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/hex.h"
#include "support/cpp/metric_samples.h"
#include "support/cpp/real_store_reader.h"
#include "support/cpp/temporary_embedded.h"
#include "wire/message_json.h"

namespace message_service {
namespace {

using std::chrono::milliseconds;

struct Shown {
  std::uint64_t sequence;
  std::string id, sender, content;
};

// The real store, which may be behind what it holds, or be down.
class LateStore final : public RealStoreReader {
 public:
  using RealStoreReader::RealStoreReader;

  std::atomic<std::uint64_t> holds_up_to = ~std::uint64_t{0};
  std::atomic<bool> down = false;
  std::atomic<int> looks = 0;

  base::Result<std::uint64_t> last_sequence(const std::string& id) override {
    ++looks;
    if (down) return base::Error{base::ErrorCode::unavailable, "the store is down"};
    const auto last = RealStoreReader::last_sequence(id);
    return last ? std::min(*last, holds_up_to.load()) : last;
  }
};

class ViewVerifierTest : public testing::Test {
 protected:
  ViewVerifierTest() { adapter.create_conversation("c"); }

  void store_messages(int count) {
    for (int i = 1; i <= count; ++i) {
      const std::string number = std::to_string(i);
      ASSERT_TRUE(adapter->store().write(embedded::admitted_of("c", "k" + number, "text " + number)));
    }
  }

  std::vector<Shown> stored() {
    std::vector<Shown> messages;
    std::uint64_t after = 0;
    for (bool more = true; more;) {
      const Page page = adapter->store_reader().page("c", {.after = after, .limit = 500}).value();
      for (const StoredRow& row : page.rows) {
        const Stored message = wire::read_stored(row.json).value();
        messages.push_back(
            {row.sequence, base::to_hex(message.id()), message.message().sender_id, message.message().content});
        after = row.sequence;
      }
      more = page.has_more;
    }
    return messages;
  }

  static ViewReport report_of(const std::vector<Shown>& messages, std::uint64_t from, std::uint64_t to) {
    ViewHash hash;
    for (const Shown& message : messages) {
      hash.add(message.sequence, hash_of_message(message.id, message.sender, message.content));
    }
    ViewReport report;
    report.conversation_id = "c";
    report.from = from;
    report.to = to;
    report.count = hash.count();
    report.hash = hash.rolling();
    report.sum = hash.sum();
    report.person = "parent-001";
    report.connection_id = "connection";
    return report;
  }

  ViewVerifier& verifier(ViewVerifier::Options options = {}) {
    options.again_after = milliseconds(5);
    options.ahead_for = milliseconds(200);
    views = std::make_unique<ViewVerifier>(store, metrics, options);
    return *views;
  }

  testing::AssertionResult compared(std::uint64_t reports) {
    if (embedded::eventually([&] { return views->figures().reports == reports; })) return testing::AssertionSuccess();
    return testing::AssertionFailure() << views->figures().reports << " reports";
  }

  embedded::TemporaryEmbedded adapter;
  LateStore store{adapter->store_reader()};
  Metrics metrics;
  std::unique_ptr<ViewVerifier> views;
};

TEST_F(ViewVerifierTest, AViewOfWhatIsStoredIsEqual) {
  store_messages(1100);
  const std::vector<Shown> all = stored();
  ASSERT_EQ(all.size(), 1100u);
  ASSERT_TRUE(verifier().submit(report_of({all.begin(), all.begin() + 1000}, 1, 1000)));
  ASSERT_TRUE(views->submit(report_of({all.begin() + 1000, all.end()}, 1001, 1100)));
  ASSERT_TRUE(views->submit(report_of({all.begin() + 5, all.begin() + 6}, 6, 6)));
  ASSERT_TRUE(compared(3));
  const ViewFigures figures = views->figures();
  EXPECT_EQ(figures.mismatches, 0u);
  EXPECT_EQ(figures.messages, 1101u);
  EXPECT_EQ(figures.clients, 1u);
  EXPECT_EQ(figures.conversations, 1u);
  EXPECT_EQ(figures.waiting, 0u);
  EXPECT_TRUE(embedded::shows(metrics, R"(view_reports_total{outcome="equal"})", 3));
  EXPECT_TRUE(embedded::shows(metrics, "view_messages_total", 1101));
}

TEST_F(ViewVerifierTest, EachDifferenceHasItsNameAndWhereItCanBeToldItsMessage) {
  store_messages(20);
  const std::vector<Shown> all = stored();
  using Messages = std::vector<Shown>;
  const struct {
    std::function<void(Messages&)> plant;
    ViewOutcome outcome;
    std::optional<std::uint64_t> sequence;
  } cases[] = {
      {[](Messages& view) { view.erase(view.begin() + 6); }, ViewOutcome::lost, 7},
      {[](Messages& view) { view.erase(view.begin() + 6, view.begin() + 8); }, ViewOutcome::lost, std::nullopt},
      {[](Messages& view) { view.clear(); }, ViewOutcome::lost, std::nullopt},
      {[](Messages& view) { view.insert(view.begin() + 6, view[6]); }, ViewOutcome::doubled, 7},
      {[](Messages& view) {
         view.insert(view.begin() + 6, {7, "id", "p", "ghost"});
       },
       ViewOutcome::phantom, std::nullopt},
      {[](Messages& view) { std::swap(view[3], view[4]); }, ViewOutcome::swapped, std::nullopt},
      {[](Messages& view) { std::swap(view[3].sequence, view[4].sequence); }, ViewOutcome::swapped, std::nullopt},
      {[](Messages& view) { view[3].content += "."; }, ViewOutcome::altered, std::nullopt},
      {[](Messages& view) { view[3].sender = "another"; }, ViewOutcome::altered, std::nullopt},
      {[](Messages& view) { view[3].id[0] = 'f'; }, ViewOutcome::altered, std::nullopt},
  };
  verifier();
  std::uint64_t reports = 0;
  for (const auto& [plant, outcome, sequence] : cases) {
    Messages view = all;
    plant(view);
    ASSERT_TRUE(views->submit(report_of(view, 1, 20)));
    ASSERT_TRUE(compared(++reports));
    const ViewFigures figures = views->figures();
    ASSERT_EQ(figures.mismatches, reports);
    const ViewMismatch& last = figures.last.back();
    EXPECT_EQ(last.number, reports);
    EXPECT_EQ(to_text(last.comparison.outcome), to_text(outcome)) << reports;
    EXPECT_EQ(last.comparison.sequence, sequence) << reports;
    EXPECT_EQ(last.comparison.stored, 20u);
    EXPECT_EQ(last.report.person, "parent-001");
    EXPECT_EQ(last.report.connection_id, "connection");
  }
}

TEST_F(ViewVerifierTest, AStoreThatIsBehindIsWaitedFor) {
  store_messages(10);
  store.holds_up_to = 9;
  ASSERT_TRUE(verifier().submit(report_of(stored(), 1, 10)));
  ASSERT_TRUE(embedded::eventually([&] { return store.looks > 2; }));
  EXPECT_EQ(views->figures().reports, 0u);
  EXPECT_EQ(views->figures().waiting, 1u);
  store.holds_up_to = 10;
  ASSERT_TRUE(compared(1));
  EXPECT_EQ(views->figures().mismatches, 0u);
}

TEST_F(ViewVerifierTest, WhatNeverComesIsAPhantom) {
  store_messages(10);
  auto view = stored();
  view.push_back({11, "id", "p", "ghost"});
  ASSERT_TRUE(verifier().submit(report_of(view, 1, 11)));
  ASSERT_TRUE(compared(1));
  EXPECT_EQ(views->figures().last.back().comparison.outcome, ViewOutcome::phantom);
}

TEST_F(ViewVerifierTest, AStoreThatDoesNotAnswerBlamesNobody) {
  store_messages(3);
  store.down = true;
  ASSERT_TRUE(verifier().submit(report_of(stored(), 1, 3)));
  ASSERT_TRUE(compared(1));
  EXPECT_EQ(views->figures().mismatches, 0u);
  EXPECT_TRUE(embedded::shows(metrics, R"(view_reports_total{outcome="unread"})", 1));
  store.down = false;
  ASSERT_TRUE(views->submit(report_of(stored(), 1, 3)));
  EXPECT_TRUE(embedded::shows(metrics, R"(view_reports_total{outcome="equal"})", 1));
}

TEST_F(ViewVerifierTest, WaitingReportsAreBounded) {
  store_messages(1);
  store.holds_up_to = 0;
  verifier({.waiting_max = 5, .waiting_of_one_max = 2});
  const auto submit = [&](const std::string& person, const std::string& connection = "connection") {
    ViewReport report = report_of(stored(), 1, 1);
    report.person = person;
    report.connection_id = connection;
    return views->submit(std::move(report)).has_value();
  };
  EXPECT_TRUE(submit("a"));
  EXPECT_TRUE(submit("a", "another connection"));
  EXPECT_FALSE(submit("a", "a third")) << "one person, however many connections";
  EXPECT_TRUE(submit("", "b")) << "without sign-in each connection is somebody";
  EXPECT_TRUE(submit("", "c"));
  EXPECT_TRUE(submit("d"));
  EXPECT_FALSE(submit("e")) << "all of them";
  EXPECT_TRUE(embedded::shows(metrics, R"(view_reports_total{outcome="refused"})", 2));
  store.holds_up_to = 1;
  ASSERT_TRUE(compared(5));
  EXPECT_TRUE(submit("a"));
}

TEST_F(ViewVerifierTest, WhoReportsNonsenseTakesNobodysPlace) {
  store_messages(2);
  verifier({.kept_max = 4, .kept_of_one_max = 2});
  const auto lie = [&](const std::string& person, std::uint64_t reports) {
    ViewReport report = report_of({}, 1, 2);
    report.person = person;
    ASSERT_TRUE(views->submit(std::move(report)));
    ASSERT_TRUE(compared(reports));
  };
  lie("honest", 1);
  for (std::uint64_t i = 2; i <= 6; ++i) lie("liar", i);
  std::vector<std::string> people;
  std::vector<std::uint64_t> numbers;
  for (const ViewMismatch& mismatch : views->figures().last) {
    people.push_back(mismatch.report.person);
    numbers.push_back(mismatch.number);
  }
  EXPECT_EQ(people, (std::vector<std::string>{"honest", "liar", "liar"}));
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 5, 6}));
  EXPECT_EQ(views->figures().mismatches, 6u);
  lie("second", 7);
  lie("third", 8);
  EXPECT_EQ(views->figures().last.front().report.person, "liar") << "the oldest of all goes when the room is full";
}

TEST_F(ViewVerifierTest, EndsWhileReportsWait) {
  store_messages(1);
  store.holds_up_to = 0;
  ASSERT_TRUE(verifier().submit(report_of(stored(), 1, 1)));
  views.reset();
}

}  // namespace
}  // namespace message_service
