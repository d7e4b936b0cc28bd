// What every adapter promises about dead letters: Store, StoreReader and EventLog.
#include "contract/adapter.h"

namespace message_service::contract {

class DeadLetters : public AdapterTest {
 protected:
  // A record that is in the log, as a dead letter of its conversation.
  DeadLetter letter(const std::string& conversation, const std::string& key, DeadReason reason) {
    const Batch::Item item = appended(message(conversation, key, key));
    return dead_letter_of(item, *item.source, reason, "something is wrong");
  }

  Committed commit(Batch batch) { return adapter->commit(batch).value(); }
  Committed add_dead_letter(std::vector<DeadLetter> letters) {
    Batch batch;
    for (const DeadLetter& letter : letters) batch.progress.advance_to(letter.source.position);
    batch.dead_letters = std::move(letters);
    return commit(std::move(batch));
  }

  std::vector<OpenDeadLetter> open(const OpenDeadLetterQuery& query = {}) {
    return adapter->store_reader().open_dead_letters(query).value();
  }
  static std::vector<std::string> names(const std::vector<OpenDeadLetter>& letters) {
    std::vector<std::string> names;
    for (const OpenDeadLetter& letter : letters)
      names.push_back(letter.conversation_id + "/" + letter.temporary_message_id);
    return names;
  }
};
INSTANTIATE_FOR_EVERY_ADAPTER(DeadLetters);

using Names = std::vector<std::string>;

TEST_P(DeadLetters, AreOpenWithAllThatIsKnownOfThem) {
  const DeadLetter refused = letter("conv-1", "a", DeadReason::store_refused);
  add_dead_letter({refused});
  adapter->reopen();
  const auto letters = open();
  ASSERT_EQ(letters.size(), 1u);
  OpenDeadLetter expected = open_dead_letter_of(refused, letters[0].failed_at);
  EXPECT_EQ(letters[0], expected);
  EXPECT_GT(letters[0].failed_at, 1'700'000'000'000);
}

TEST_P(DeadLetters, AreReadInOrderByConversationAndInPages) {
  add_dead_letter({letter("conv-2", "a", DeadReason::parked), letter("conv-1", "b", DeadReason::parked),
                   letter("conv-1", "c", DeadReason::parked), letter("conv-10", "d", DeadReason::parked)});
  LogRecord garbage{.key = "conv-1", .value = "garbage"};
  const Position position = append(garbage).value().position;
  add_dead_letter(
      {{.source = {position, garbage}, .reason = DeadReason::malformed, .error = "is no JSON", .rejection = {}}});

  const auto all = open();
  EXPECT_EQ(names(all), (Names{"/", "conv-1/b", "conv-1/c", "conv-10/d", "conv-2/a"}));
  Names paged;
  OpenDeadLetterQuery query{.limit = 2};
  for (auto page = open(query); !page.empty(); page = open(query)) {
    for (const std::string& name : names(page)) paged.push_back(name);
    query.after = page.back().key();
  }
  EXPECT_EQ(paged, names(all));
  EXPECT_EQ(names(open({.conversation_id = "conv-1"})), (Names{"conv-1/b", "conv-1/c"}));
  EXPECT_EQ(names(open({.conversation_id = "conv-1", .after = all[1].key()})), Names{"conv-1/c"});
  EXPECT_EQ(names(open({.conversation_id = ""})), Names{"/"});
  EXPECT_TRUE(open({.conversation_id = "conv-3"}).empty());
}

TEST_P(DeadLetters, TheSameBatchAgainOpensNothingTwice) {
  const DeadLetter parked = letter("conv-1", "a", DeadReason::parked);
  add_dead_letter({parked});
  add_dead_letter({parked});
  EXPECT_EQ(open().size(), 1u);
}

TEST_P(DeadLetters, ARetryThatIsStoredClosesItsLetter) {
  add_dead_letter({letter("conv-1", "a", DeadReason::store_refused), letter("conv-1", "b", DeadReason::parked)});
  Batch::Item again = appended(message("conv-1", "a", "a"));
  again.retry_of = open().at(0);
  const Committed committed = commit(batch_of({again}));
  EXPECT_EQ(committed.stored.size(), 1u);
  ASSERT_EQ(committed.closed.size(), 1u);
  EXPECT_EQ(names(open()), Names{"conv-1/b"});

  Batch::Item duplicate = appended(message("conv-1", "a", "a"));
  duplicate.retry_of = open().at(0);
  EXPECT_EQ(commit(batch_of({duplicate})).closed.size(), 1u) << "found stored is as good";
  EXPECT_TRUE(open().empty());
}

TEST_P(DeadLetters, ARetryThatFailsChangesItsLetter) {
  commit(batch_of({appended(message("conv-1", "a", "first"))}));
  add_dead_letter({letter("conv-1", "a", DeadReason::store_refused)});
  const OpenDeadLetter before = open().at(0);
  Batch::Item again = appended(message("conv-1", "a", "second"));
  again.retry_of = before;
  EXPECT_TRUE(commit(batch_of({again})).closed.empty());
  const auto letters = open();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].origin, before.origin);
  EXPECT_EQ(letters[0].last, again.message.position());
  EXPECT_EQ(letters[0].reason, DeadReason::key_conflict);
  EXPECT_EQ(letters[0].attempts, 2);
}

TEST_P(DeadLetters, ADiscardedLetterIsClosed) {
  add_dead_letter({letter("conv-1", "a", DeadReason::store_refused), letter("conv-1", "b", DeadReason::parked)});
  Batch batch;
  batch.discarded = {open().at(0)};
  batch.progress.advance_to(append(wire::discard_record(open().at(0).key(), 5)).value().position);
  EXPECT_EQ(commit(batch).closed.size(), 1u);
  EXPECT_EQ(names(open()), Names{"conv-1/b"});
}

TEST_P(DeadLetters, TheTopicGivesTheNewestRecordOfEach) {
  const DeadLetter first = letter("conv-1", "a", DeadReason::store_refused);
  const DeadLetter other = letter("conv-2", "b", DeadReason::unknown_conversation);
  add_dead_letter({first, other});
  DeadLetter again = first;
  again.source.position = append(first.source.record).value().position;
  again.first_position = first.origin();
  again.attempts = 2;
  add_dead_letter({again});
  const auto found = adapter->event_log().find_dead_letters({first.origin(), {0, 4711}}).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].origin, first.origin());
  EXPECT_EQ(found[0].record.value, first.source.record.value);
  EXPECT_EQ(header_value(found[0].record, "attempts"), "2");
}

TEST_P(DeadLetters, ARecordGoesToTheNamedPartition) {
  const Position first = append(wire::requested_record(message("conv-1", "a", "a").message())).value().position;
  std::promise<base::Result<Receipt>> answered;
  adapter->log_writer().append_record({.key = "another key", .value = "x"}, first.partition,
                                      [&](const base::Result<Receipt>& receipt) { answered.set_value(receipt); });
  EXPECT_EQ(answered.get_future().get().value().position.partition, first.partition);
}

}  // namespace message_service::contract
