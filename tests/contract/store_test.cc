// The store's promises, for every adapter: Store, StoreReader and EventSource.
#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <thread>

#include "contract/adapter.h"
#include "model/canary.h"
#include "support/cpp/total_lag.h"
#include "wire/message_json.h"

namespace message_service::contract {

class Store : public AdapterTest {
 protected:
  Committed commit(std::vector<Batch::Item> items) { return adapter->commit(batch_of(std::move(items))).value(); }

  std::vector<std::string> contents(const std::string& conversation, const PageQuery& query = {}) {
    std::vector<std::string> texts;
    for (const StoredRow& row : adapter->store_reader().page(conversation, query).value().rows) {
      texts.push_back(wire::read_stored(row.json).value().message().content);
    }
    return texts;
  }

  // All that there are, as soon as there are `least`: those of several partitions come one after the other.
  std::vector<Event> events(
      std::size_t least, const EventSource::Interest& wanted = [](std::string_view) { return true; }) {
    std::vector<Event> all;
    const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(15);
    for (auto wait = std::chrono::milliseconds(1000);; wait = std::chrono::milliseconds(50)) {
      auto polled = adapter->event_source().poll(1000, base::SteadyClock::now() + wait, wanted).value();
      const bool more = all.size() < least && base::SteadyClock::now() < end;
      if (!more && polled.events.empty() && adapter->event_source().at_end()) return all;
      std::ranges::move(polled.events, std::back_inserter(all));
    }
  }

  // What a reader learns of a moment later.
  static bool soon(const std::function<bool()>& holds) {
    for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(5);
         base::SteadyClock::now() < end;) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
};
INSTANTIATE_FOR_EVERY_ADAPTER(Store);

using Texts = std::vector<std::string>;

TEST_P(Store, GivesSequencesInLogOrderWithinEachConversation) {
  const auto committed = commit({appended(message("conv-1", "a", "1")), appended(message("conv-2", "b", "x")),
                                 appended(message("conv-1", "c", "2"))});
  ASSERT_EQ(committed.stored.size(), 3u);
  EXPECT_LT(committed.stored[0].sequence(), committed.stored[2].sequence());
  EXPECT_GE(committed.stored[1].sequence(), 1u);
  EXPECT_EQ(contents("conv-1"), (Texts{"1", "2"}));
  EXPECT_EQ(contents("conv-2"), Texts{"x"});
  EXPECT_EQ(adapter->store_reader().last_sequence("conv-1").value(), committed.stored[2].sequence());
}

TEST_P(Store, SequencesGoOnAfterARestart) {
  const auto first = commit({appended(message("conv-1", "a", "1"))});
  adapter->reopen();
  const auto second = commit({appended(message("conv-1", "b", "2"))});
  EXPECT_GT(second.stored.at(0).sequence(), first.stored.at(0).sequence());
  EXPECT_EQ(contents("conv-1"), (Texts{"1", "2"}));
}

TEST_P(Store, TheSameBatchAgainStoresNothingAndAnnouncesNothingNew) {
  const auto items = std::vector{appended(message("conv-1", "a", "1")), appended(message("conv-1", "b", "2"))};
  const auto first = commit(items);
  EXPECT_EQ(events(2).size(), 2u);
  const auto again = commit(items);
  EXPECT_TRUE(again.stored.empty());
  EXPECT_EQ(again.duplicates, 2u);
  // The crash may have come before the events: where they are not written with the rows, they come again, the same.
  const auto repeated = events(0);
  for (std::size_t i = 0; i < repeated.size(); ++i) {
    EXPECT_EQ(std::get<MessageSent>(repeated[i]).stored.sequence(), first.stored.at(i).sequence());
  }
  EXPECT_EQ(contents("conv-1"), (Texts{"1", "2"}));
}

TEST_P(Store, ADuplicateWithinOneBatchIsStoredOnce) {
  const auto committed = commit({appended(message("conv-1", "a", "1")), appended(message("conv-1", "a", "1"))});
  EXPECT_EQ(committed.stored.size(), 1u);
  EXPECT_EQ(committed.duplicates, 1u);
  EXPECT_EQ(contents("conv-1"), Texts{"1"});
}

TEST_P(Store, OtherContentUnderATakenKeyIsADeadLetterAndTheFirstStays) {
  commit({appended(message("conv-1", "a", "first"))});
  events(1);
  const auto committed =
      commit({appended(message("conv-1", "a", "second")), appended(message("conv-1", "b", "after"))});
  ASSERT_EQ(committed.dead_letters.size(), 1u);
  EXPECT_EQ(committed.dead_letters[0].reason, DeadReason::key_conflict);
  EXPECT_EQ(contents("conv-1"), (Texts{"first", "after"}));

  std::size_t rejected = 0;
  for (const Event& event : events(2)) {
    const auto* rejection = std::get_if<MessageRejected>(&event);
    if (rejection == nullptr) continue;
    ++rejected;
    EXPECT_EQ(rejection->temporary_message_id, "a");
  }
  EXPECT_EQ(rejected, 1u);
  const auto found = adapter->store_reader().find_by_temporary_id("conv-1", "a").value();
  EXPECT_TRUE(std::holds_alternative<StoredRow>(found));
}

TEST_P(Store, ARecordThatWasNotKeptIsMadeAgainForItsDeadLetter) {
  auto second = appended(message("conv-1", "a", "second"));
  const LogRecord record = *std::exchange(second.source, std::nullopt);
  const auto committed = commit({appended(message("conv-1", "a", "first")), second});
  ASSERT_EQ(committed.dead_letters.size(), 1u);
  EXPECT_EQ(committed.dead_letters[0].source.record, record);
}

TEST_P(Store, ANewIdIsStoredAndThenKnown) {
  const std::string id = make_uuid_v7(1769509800000);
  auto item = appended(message("conv-1", id, "first"));
  item.new_id = true;
  EXPECT_EQ(commit({item}).stored.size(), 1u);
  EXPECT_EQ(commit({appended(message("conv-1", id, "first"))}).duplicates, 1u);
  EXPECT_EQ(commit({appended(message("conv-1", id, "other"))}).dead_letters.size(), 1u);
  EXPECT_EQ(contents("conv-1"), Texts{"first"});
}

TEST_P(Store, TheSameKeyInAnotherConversationIsAnotherMessage) {
  commit({appended(message("conv-1", "a", "1")), appended(message("conv-2", "a", "2"))});
  EXPECT_EQ(contents("conv-1"), Texts{"1"});
  EXPECT_EQ(contents("conv-2"), Texts{"2"});
}

TEST_P(Store, EventsCarryTheStoredMessagesInOrder) {
  commit({appended(message("conv-1", "a", "1")), appended(message("conv-1", "b", "2"))});
  const auto all = events(2);
  ASSERT_EQ(all.size(), 2u);
  const auto& first = std::get<MessageSent>(all[0]).stored;
  const auto& second = std::get<MessageSent>(all[1]).stored;
  EXPECT_EQ(first.message().content, "1");
  EXPECT_EQ(second.message().content, "2");
  EXPECT_LT(first.sequence(), second.sequence());
}

TEST_P(Store, EventsOfConversationsNobodyListensToArePassedOver) {
  commit({appended(message("conv-1", "a", "1")), appended(message("conv-2", "b", "2"))});
  EXPECT_TRUE(soon([&] { return !adapter->event_source().at_end(); }));
  const auto wanted = events(1, [](std::string_view conversation) { return conversation == "conv-2"; });
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(std::get<MessageSent>(wanted[0]).stored.message().content, "2");
  EXPECT_TRUE(adapter->event_source().at_end());
}

TEST_P(Store, ABatchOfDeadLettersAloneIsAnnouncedAndMovesThePosition) {
  LogRecord garbage{.key = "conv-1", .value = "garbage"};
  const Position position = append(garbage).value().position;
  Batch batch;
  batch.dead_letters.push_back({.source = {position, garbage},
                                .reason = DeadReason::unknown_conversation,
                                .error = "there is no such conversation",
                                .rejection = MessageRejected{"conv-1", "a", "there is no such conversation"}});
  batch.progress.advance_to(position);
  ASSERT_EQ(read(1).size(), 1u);
  ASSERT_TRUE(adapter->commit(batch));
  EXPECT_EQ(total_lag(adapter->log_reader()), 0u);
  ASSERT_EQ(events(1).size(), 1u);
  const auto found = adapter->store_reader().find_by_temporary_id("conv-1", "a").value();
  ASSERT_TRUE(std::holds_alternative<RejectedKey>(found));
  EXPECT_EQ(std::get<RejectedKey>(found).reason, "there is no such conversation");
}

TEST_P(Store, ARejectedKeyDoesNotHideAStoredMessage) {
  const auto item = appended(message("conv-1", "a", "1"));
  commit({item});
  Batch batch;
  batch.dead_letters.push_back({.source = {item.message.position(), *item.source},
                                .reason = DeadReason::invalid,
                                .error = "content is missing",
                                .rejection = MessageRejected{"conv-1", "a", "content is missing"}});
  batch.progress.advance_to(item.message.position());
  ASSERT_TRUE(adapter->commit(batch));
  EXPECT_TRUE(std::holds_alternative<StoredRow>(adapter->store_reader().find_by_temporary_id("conv-1", "a").value()));
}

TEST_P(Store, PagesForwardBackwardAndNewest) {
  std::vector<Batch::Item> items;
  for (int i = 1; i <= 7; ++i) {
    items.push_back(appended(message("conv-1", "k" + std::to_string(i), std::to_string(i))));
  }
  const auto committed = commit(items);
  const auto sequence = [&](std::size_t nth) { return committed.stored.at(nth - 1).sequence(); };

  EXPECT_EQ(contents("conv-1", {.limit = 3}), (Texts{"5", "6", "7"}));
  EXPECT_EQ(contents("conv-1", {.after = 0, .limit = 3}), (Texts{"1", "2", "3"}));
  EXPECT_EQ(contents("conv-1", {.after = sequence(5), .limit = 3}), (Texts{"6", "7"}));
  EXPECT_EQ(contents("conv-1", {.before = sequence(5), .limit = 3}), (Texts{"2", "3", "4"}));
  EXPECT_EQ(contents("conv-1", {.before = sequence(1), .limit = 3}), Texts{});

  const auto has_more = [&](const PageQuery& query) { return adapter->store_reader().page("conv-1", query)->has_more; };
  EXPECT_TRUE(has_more({.limit = 6}));
  EXPECT_FALSE(has_more({.limit = 7}));
  EXPECT_TRUE(has_more({.after = sequence(1), .limit = 5}));
  EXPECT_FALSE(has_more({.after = sequence(2), .limit = 5}));
  EXPECT_TRUE(adapter->store_reader().page("conv-10", {})->rows.empty());
}

TEST_P(Store, FindsAMessageByEitherIdAndOnlyInItsConversation) {
  const auto committed = commit({appended(message("conv-1", "a", "1"))});
  const ObjectIdBytes id = committed.stored.at(0).id();
  StoreReader& reader = adapter->store_reader();
  ASSERT_TRUE(reader.find_message("conv-1", id).value());
  EXPECT_FALSE(reader.find_message("conv-2", id).value());
  EXPECT_TRUE(std::holds_alternative<StoredRow>(reader.find_by_temporary_id("conv-1", "a").value()));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(reader.find_by_temporary_id("conv-1", "b").value()));
}

TEST_P(Store, SynchronousWritesShareSequencesKeysAndEventsWithBatches) {
  commit({appended(message("conv-1", "a", "1"))});
  const auto written = adapter->write(message("conv-1", "b", "2"));
  ASSERT_TRUE(written);
  EXPECT_FALSE(written->duplicate);
  EXPECT_EQ(contents("conv-1"), (Texts{"1", "2"}));
  EXPECT_TRUE(adapter->write(message("conv-1", "b", "2"))->duplicate);
  EXPECT_EQ(adapter->write(message("conv-1", "a", "other")).error().code, base::ErrorCode::conflict);
  std::set<std::uint64_t> announced;  // one whose first announcement may have failed is announced again
  for (const Event& event : events(2)) announced.insert(std::get<MessageSent>(event).stored.sequence());
  EXPECT_EQ(announced.size(), 2u);
}

TEST_P(Store, KeepsConversationsAndTellsEqualFromOther) {
  const Conversation conversation{.id = "conv-9", .title = "Maths", .participants = {{"p", "Parent"}}, .created_at = 5};
  ASSERT_TRUE(adapter->store().create_conversation(conversation));
  Conversation again = conversation;
  again.created_at = 99;
  EXPECT_EQ(adapter->store().create_conversation(again)->created_at, 5);
  again.title = "Physics";
  EXPECT_EQ(adapter->store().create_conversation(again).error().code, base::ErrorCode::conflict);
  adapter->reopen();
  const auto found = adapter->store_reader().find_conversation("conv-9").value();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->same_content(conversation));
  EXPECT_FALSE(adapter->store_reader().find_conversation("conv-8").value());
}

TEST_P(Store, TrimsTheCanarysOldestMessagesAndNothingElse) {
  const std::string canary(kCanaryConversation);
  const auto conversation_of = [&](int number) { return number % 3 == 0 ? "conv-1" : canary; };
  std::vector<Batch::Item> items;
  for (int i = 1; i <= 30; ++i) {
    items.push_back(appended(message(conversation_of(i), "key-" + std::to_string(i), std::to_string(i))));
  }
  const auto stored = commit(items);
  const Texts others = contents("conv-1");
  ASSERT_EQ(others.size(), 10u);
  ASSERT_TRUE(adapter->store().trim_canary(20));
  ASSERT_EQ(contents(canary).size(), 20u) << "there are no more than may stay";

  ASSERT_TRUE(adapter->store().trim_canary(3));
  EXPECT_EQ(contents(canary), (Texts{"26", "28", "29"}));
  EXPECT_EQ(contents("conv-1"), others);
  auto& reader = adapter->store_reader();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(reader.find_by_temporary_id(canary, "key-25").value()));
  EXPECT_TRUE(std::holds_alternative<StoredRow>(reader.find_by_temporary_id(canary, "key-26").value()));
  EXPECT_TRUE(std::holds_alternative<StoredRow>(reader.find_by_temporary_id("conv-1", "key-3").value()));
  EXPECT_EQ(events(30).size(), 30u) << "the events do not need the rows";

  adapter->reopen();
  const auto next = commit({appended(message(canary, "key-31", "31"))});
  EXPECT_GT(next.stored.at(0).sequence(), stored.stored.at(28).sequence());
  ASSERT_TRUE(adapter->store().trim_canary(2));
  EXPECT_EQ(contents(canary), (Texts{"29", "31"}));
}

TEST_P(Store, KeepsRevocationsUntilTheirTokensHaveEnded) {
  const base::Timestamp later = base::wall_now() + 60'000;
  const auto all = [&] {
    std::vector<Revocation> found = adapter->store_reader().revocations().value();
    std::ranges::sort(found, {}, &Revocation::subject);
    return found;
  };
  EXPECT_TRUE(all().empty());
  ASSERT_TRUE(adapter->store().revoke({.subject = "anna", .issued_before = 2'000, .kept_until = later}));
  ASSERT_TRUE(adapter->store().revoke({.subject = "anna", .issued_before = 1'000, .kept_until = later}));
  ASSERT_TRUE(adapter->store().revoke({.subject = "tom", .issued_before = 3'000, .kept_until = later}));
  ASSERT_EQ(all().size(), 2u);
  EXPECT_EQ(all()[0].issued_before, 2'000) << "an earlier one takes nothing back";
  EXPECT_EQ(all()[1].subject, "tom");
  adapter->reopen();
  EXPECT_EQ(all().size(), 2u);
  ASSERT_TRUE(adapter->store().revoke({.subject = "eve", .issued_before = 1, .kept_until = base::wall_now() - 1}));
  ASSERT_TRUE(adapter->store().revoke({.subject = "tom", .issued_before = 4'000, .kept_until = later}));
  ASSERT_EQ(all().size(), 2u) << "what need not be kept any more is gone";
  EXPECT_EQ(all()[1].issued_before, 4'000);
}

}  // namespace message_service::contract
