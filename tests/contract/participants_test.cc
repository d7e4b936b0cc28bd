// Who takes part in a conversation, and when: changes are entries of its log, and what a person writes after a removal
// is not stored. For every adapter.
#include <algorithm>
#include <optional>

#include "contract/adapter.h"
#include "wire/message_json.h"

namespace message_service::contract {

using Kind = ParticipantChange::Kind;
using Texts = std::vector<std::string>;

class Participants : public AdapterTest {
 protected:
  void SetUp() override {
    AdapterTest::SetUp();
    const Conversation made{
        .id = "school",
        .participants = {{"anna", "Parent", Role::owner}, {"tom", "Parent"}, {"rosa", "Parent", Role::reader}},
        .created_at = 1};
    ASSERT_TRUE(adapter->store().create_conversation(made));
  }

  static Admitted written(const std::string& key, const std::string& by) {
    Draft draft{.conversation_id = "school",
                .temporary_message_id = key,
                .sender_id = by,
                .sender_type = "Parent",
                .content = key};
    return admit(std::move(draft), {}, 1'000).admitted.value();
  }
  static Admitted set(const std::string& key, const std::string& by, const Participant& person) {
    return change("school", key, by, {.kind = Kind::set, .participant = person});
  }
  static Admitted removal(const std::string& key, const std::string& by, const std::string& person) {
    return change("school", key, by, {.kind = Kind::remove, .participant = {.id = person, .type = {}}});
  }

  Committed commit(const std::vector<Admitted>& entries) {
    last_.clear();
    for (const Admitted& entry : entries) last_.push_back(appended(entry));
    return adapter->commit(batch_of(last_)).value();
  }
  Committed commit_again() { return adapter->commit(batch_of(last_)).value(); }

  Texts contents(bool changes = false) {
    Texts texts;
    const PageQuery query{.limit = 500, .changes = changes};
    for (const StoredRow& row : adapter->store_reader().page("school", query).value().rows) {
      const Stored stored = wire::read_stored(row.json).value();
      EXPECT_EQ(row.change != nullptr, stored.message().change != nullptr);
      texts.push_back(row.change ? row.change->participant.id : stored.message().content);
    }
    return texts;
  }
  static Texts not_allowed(const Committed& committed) {
    Texts keys;
    for (const DeadLetter& letter : committed.dead_letters) {
      EXPECT_EQ(letter.reason, DeadReason::not_a_participant);
      EXPECT_TRUE(letter.rejection);
      keys.push_back(letter.temporary_message_id);
    }
    return keys;
  }
  Texts present() {
    Texts ids;
    for (const Participant& person : adapter->store_reader().participants("school").value()->present()) {
      ids.push_back(person.id);
    }
    return ids;
  }

 private:
  std::vector<Batch::Item> last_;
};
INSTANTIATE_FOR_EVERY_ADAPTER(Participants);

TEST_P(Participants, ARemovalCountsFromItsPlaceInTheLogAlsoWithinABatch) {
  const Committed committed = commit(
      {written("before", "tom"), removal("out", "anna", "tom"), written("after", "tom"), written("other", "anna")});
  EXPECT_EQ(not_allowed(committed), Texts{"after"});
  EXPECT_EQ(contents(), (Texts{"before", "other"}));
  EXPECT_EQ(contents(true), (Texts{"before", "tom", "other"})) << "the change has a place in the numbering";
  EXPECT_EQ(present(), (Texts{"anna", "rosa"}));
  EXPECT_EQ(not_allowed(commit({written("later", "tom")})), Texts{"later"});
  adapter->reopen();
  EXPECT_EQ(not_allowed(commit({written("much later", "tom")})), Texts{"much later"});
}

TEST_P(Participants, AReplayGivesTheSameJudgement) {
  commit({written("1", "tom"), removal("2", "anna", "tom"), written("3", "tom"), set("4", "anna", {"tom", "Parent"}),
          written("5", "tom"), removal("6", "anna", "tom"), written("7", "tom")});
  const Texts stored{"1", "tom", "tom", "5", "tom"};
  EXPECT_EQ(contents(true), stored);
  const Committed again = commit_again();
  EXPECT_TRUE(again.stored.empty());
  EXPECT_EQ(contents(true), stored);
}

TEST_P(Participants, AChangeThatIsSentAgainIsNotMadeAgain) {
  const Admitted out = removal("out", "anna", "tom");
  commit({out, set("in", "anna", {"tom", "Parent"})});
  const Committed committed = commit({out, written("hello", "tom")});
  EXPECT_EQ(committed.duplicates, 1u);
  EXPECT_EQ(not_allowed(committed), Texts{});
  EXPECT_EQ(present(), (Texts{"anna", "tom", "rosa"}));
}

TEST_P(Participants, AMessageThatIsSentAgainAfterItsSendersRemovalStaysStored) {
  const Admitted hello = written("hello", "tom");
  commit({hello, removal("out", "anna", "tom")});
  const Committed committed = commit({hello});
  EXPECT_EQ(committed.duplicates, 1u);
  EXPECT_EQ(not_allowed(committed), Texts{});
}

TEST_P(Participants, OnlyOwnersChangeOthersAndEverybodyMayLeave) {
  const Committed committed =
      commit({set("a", "tom", {"eve", "Parent"}), removal("b", "rosa", "tom"), removal("c", "eve", "tom"),
              removal("d", "tom", "tom"), set("e", "anna", {"rosa", "Parent", Role::owner}),
              removal("f", "anna", "anna"), set("g", "anna", {"eve", "Parent"}), set("h", "rosa", {"eve", "Parent"})});
  EXPECT_EQ(not_allowed(committed), (Texts{"a", "b", "c", "g"}));
  EXPECT_EQ(present(), (Texts{"rosa", "eve"}));
}

TEST_P(Participants, AReaderDoesNotWriteAndTheBackEndMayDoEverything) {
  commit({set("role", "anna", {"tom", "Parent", Role::reader})});
  const auto by_back_end = [](const std::string& key, const std::string& person) {
    Draft draft{.conversation_id = "school",
                .temporary_message_id = key,
                .sender_id = person,
                .sender_type = "Parent",
                .content = key};
    draft.by_back_end = true;
    return admit(std::move(draft), {}, 1'000).admitted.value();
  };
  const Admitted out =
      change("school", "out", "crm", {.kind = Kind::remove, .participant = {.id = "anna", .type = {}}}, true);
  const Committed committed = commit({written("by tom", "tom"), by_back_end("for tom", "tom"), out,
                                      by_back_end("for anna", "anna"), written("by anna", "anna")});
  EXPECT_EQ(not_allowed(committed), (Texts{"by tom", "by anna"}));
  EXPECT_EQ(contents(), (Texts{"for tom", "for anna"}));
}

TEST_P(Participants, ReadersKnowTheLastChangeAndSinceWhenEachPersonTakesPart) {
  StoreReader& reader = adapter->store_reader();
  EXPECT_EQ(reader.last_participant_change("school").value(), 0u);
  EXPECT_FALSE(reader.participants("none").value());
  const Committed committed = commit({set("1", "anna", {"eve", "Parent"}), written("hello", "anna"),
                                      set("2", "anna", {"eve", "Teacher", Role::reader})});
  const std::uint64_t joined = committed.stored.at(0).sequence();
  const std::uint64_t last = committed.stored.at(2).sequence();
  EXPECT_EQ(reader.last_participant_change("school").value(), last);
  EXPECT_EQ(reader.last_sequence("school").value(), last);
  const Standings standings = reader.participants("school").value().value();
  EXPECT_EQ(standings.last_change, last);
  const Standing* eve = standings.find("eve");
  ASSERT_NE(eve, nullptr);
  EXPECT_EQ(eve->since, joined) << "another role is no other beginning";
  EXPECT_EQ(eve->participant, (Participant{"eve", "Teacher", Role::reader}));
  EXPECT_EQ(standings.find("anna")->since, 0u);
  EXPECT_EQ(reader.last_participant_change("other").value(), 0u) << "of this conversation only";
}

TEST_P(Participants, ChangesAreAnnouncedInTheirOrderAmongTheMessages) {
  commit({written("1", "tom"), removal("out", "anna", "tom"), written("2", "anna")});
  Texts announced;
  const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(15);
  while (announced.size() < 3 && base::SteadyClock::now() < end) {
    const auto wanted = [](std::string_view) { return true; };
    auto polled =
        adapter->event_source().poll(1000, base::SteadyClock::now() + std::chrono::seconds(1), wanted).value();
    for (const Event& event : polled.events) {
      const auto* sent = std::get_if<MessageSent>(&event);
      if (sent == nullptr) continue;
      const Message& message = sent->stored.message();
      announced.push_back(message.change ? "out of " + message.change->participant.id : message.content);
    }
  }
  EXPECT_EQ(announced, (Texts{"1", "out of tom", "2"}));
}

TEST_P(Participants, SynchronousWritesAreJudgedToo) {
  ASSERT_TRUE(adapter->write(written("1", "tom")));
  ASSERT_TRUE(adapter->write(removal("out", "anna", "tom")));
  EXPECT_EQ(adapter->write(written("2", "tom")).error().code, base::ErrorCode::forbidden);
  EXPECT_EQ(adapter->write(set("in", "tom", {"tom", "Parent"})).error().code, base::ErrorCode::forbidden);
  ASSERT_TRUE(adapter->write(set("in", "anna", {"tom", "Parent"})));
  ASSERT_TRUE(adapter->write(written("3", "tom")));
  EXPECT_EQ(contents(), (Texts{"1", "3"}));
}

}  // namespace message_service::contract
