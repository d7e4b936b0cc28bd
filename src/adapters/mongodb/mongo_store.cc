#include "adapters/mongodb/mongo_store.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/entry_judge.h"
#include "adapters/mongodb/lookups.h"
#include "adapters/mongodb/row_writer.h"
#include "adapters/mongodb/synchronous_write.h"
#include "model/canary.h"
#include "wire/settle.h"

namespace message_service::mongodb {

namespace {

std::vector<Position> last_positions(const std::vector<Batch::Item>& items) {
  Progress progress;
  for (const Batch::Item& item : items) progress.advance_to(item.message.position());
  return progress.last();
}

std::vector<Position> first_positions(const std::vector<Batch::Item>& items) {
  std::vector<Position> first;
  for (const Batch::Item& item : items) {
    const Position position = item.message.position();
    const auto known = std::ranges::find(first, position.partition, &Position::partition);  // a reader has few
    if (known == first.end()) first.push_back(position);
  }
  return first;
}

// A fault of the servers or of the log is no mistake of the sender of a message.
base::Error not_yet(base::Error error) {
  error.code = base::ErrorCode::unavailable;
  return error;
}

base::Error no_sequence_left(Position position) {
  return {base::ErrorCode::invalid, "the record at offset " + std::to_string(position.offset) + " of partition " +
                                        std::to_string(position.partition) + " lies beyond what a sequence can count"};
}

std::vector<MessageRejected> rejections_of(const std::vector<DeadLetter>& letters) {
  std::vector<MessageRejected> rejections;
  for (const DeadLetter& letter : letters) {
    if (letter.rejection) rejections.push_back(*letter.rejection);
  }
  return rejections;
}

std::vector<OpenDeadLetter> open_dead_letters_of(const std::vector<DeadLetter>& letters) {
  const base::Timestamp now = base::wall_now();
  std::vector<OpenDeadLetter> open;
  for (const DeadLetter& letter : letters) {
    if (letter.reason != DeadReason::discarded) open.push_back(open_dead_letter_of(letter, now));
  }
  return open;
}

}  // namespace

base::Result<Committed> MongoStore::commit(const Batch& batch) {
  Committed committed;
  committed.dead_letters = batch.dead_letters;
  committed.closed = batch.discarded;
  auto outcomes = store(batch.items, batch.order);
  if (!outcomes) return outcomes.error();
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    wire::settle(batch.items[i], std::move((*outcomes)[i]), committed);
  }
  if (auto rejected = reject(rejections_of(committed.dead_letters)); !rejected) return rejected.error();
  const auto open = open_dead_letters_of(committed.dead_letters);
  if (auto kept = keep_letters(open, committed.closed); !kept) return kept.error();
  return committed;
}

base::Result<std::vector<StoreOutcome>> MongoStore::store(const std::vector<Batch::Item>& items,
                                                          DeadLetterOrder order) {
  if (items.empty()) return std::vector<StoreOutcome>();
  if (auto ready = schema_.ensure(); !ready) return ready.error();
  const std::vector<Position> last = last_positions(items);
  auto made_by = epochs_.for_log(first_positions(items));
  if (!made_by) return made_by.error();

  StoreCall call{
      .items = items, .made_by = **made_by, .patience = patience_, .persisted_at = base::wall_now(), .order = order};
  call.outcomes.resize(items.size());
  call.sequences.reserve(items.size());
  for (const Batch::Item& item : items) {
    const auto sequence = call.made_by.of(item.message.position());
    if (!sequence) return no_sequence_left(item.message.position());
    call.sequences.push_back(*sequence);
  }
  const auto places = judge(call);
  if (!places) return places.error();
  std::vector<Lanes::Job> jobs;
  for (std::vector<std::size_t>& part : split(call, *places)) {
    jobs.emplace_back(
        [this, &call, places = std::move(part)] { return RowWriter(pool_, options_, call).store(places); });
  }
  if (!jobs.empty()) {
    if (auto done = lanes_.run(std::move(jobs)); !done) return done.error();
  }
  epochs_.stored_up_to(last);
  return std::move(call.outcomes);
}

base::Result<std::vector<std::size_t>> MongoStore::judge(StoreCall& call) {
  std::vector<std::size_t> places(call.items.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const bool changes =
      std::ranges::any_of(call.items, [](const Batch::Item& item) { return item.message.message().change != nullptr; });
  auto client = pool_.take();
  if (!client) return client.error();
  const auto exist = changes_exist(*client);
  if (!exist) return exist.error();
  if (!changes && !*exist) return places;
  const auto objections = EntryJudge(*client, pool_, options_, call).judge(*exist);
  if (!objections) return objections.error();
  if (changes) changes_exist_ = true;
  if (objections->empty()) return places;
  std::vector<std::size_t> objected;
  for (const EntryJudge::Objection& objection : *objections) objected.push_back(objection.item);
  std::erase_if(places, [&](std::size_t place) { return std::ranges::binary_search(objected, place); });
  // What is stored already stays: its sender has sent it again after the removal.
  const auto unknown = RowWriter(pool_, options_, call).settle_known(*client, objected);
  if (!unknown) return unknown.error();
  for (const auto& [item, text] : *objections) {
    if (!std::ranges::binary_search(*unknown, item)) continue;
    call.outcomes[item] = {.kind = StoreOutcome::Kind::not_allowed, .stored = {}, .error = text};
  }
  return places;
}

base::Result<bool> MongoStore::changes_exist(const Pool::Client& client) {
  if (changes_exist_) return true;
  const std::uint64_t takeovers = epochs_.takeovers();
  if (takeovers != 0 && looked_for_changes_at_ == takeovers) return false;
  const auto any = any_changes(client, pool_, options_);
  if (!any) return any.error();
  if (*any) changes_exist_ = true;
  looked_for_changes_at_ = takeovers;
  return *any;
}

std::vector<std::vector<std::size_t>> MongoStore::split(const StoreCall& call,
                                                        const std::vector<std::size_t>& places) const {
  const std::size_t lanes = places.size() < options_.split_from_messages ? 1 : lanes_.size();
  std::vector<std::vector<std::size_t>> parts(lanes);
  for (const std::size_t i : places) {
    const std::string& conversation = call.message(i).conversation_id;
    parts[lanes == 1 ? 0 : std::hash<std::string>()(conversation) % lanes].push_back(i);
  }
  std::erase_if(parts, [](const auto& part) { return part.empty(); });
  return parts;
}

base::Result<void> MongoStore::reject(const std::vector<MessageRejected>& rejections) {
  if (rejections.empty()) return {};
  if (auto ready = schema_.ensure(); !ready) return ready;
  auto client = pool_.take();
  if (!client) return client.error();
  const base::Timestamp now = base::wall_now();
  const Document command([&](Writer& out) {
    out.text("insert", collection::rejected).boolean("ordered", false);
    out.array("documents", [&](Writer& list) {
      for (std::size_t i = 0; i < rejections.size(); ++i) {
        list.document(IndexName(i), [&](Writer& item) { write_rejection(item, rejections[i], now); });
      }
    });
  });
  auto failures = run_write(*client, pool_, command.get(), options_.write_timeout, "store rejections");
  if (!failures) return failures.error();
  for (const WriteFailure& failure : *failures) {
    if (failure.kind == WriteFailure::Kind::taken_id) continue;
    if (!failure.concerns_document()) return unavailable("store rejections", failure.text);
    // A rejection must not hold up the log: the dead letter says the same.
    options_.damage->left_out(collection::rejected, "MongoDB does not take the rejection: " + failure.text);
  }
  return {};
}

base::Result<void> MongoStore::keep_letters(const std::vector<OpenDeadLetter>& open,
                                            const std::vector<OpenDeadLetter>& closed) {
  if (open.empty() && closed.empty()) return {};
  if (auto ready = schema_.ensure(); !ready) return ready;
  // In order: the last state of a letter counts.
  const auto remember = [&](Writer& out, std::size_t from) {
    out.text("update", collection::dead_letters);
    out.array("updates", [&](Writer& list) {
      for (std::size_t i = from; i < open.size(); ++i) {
        list.document(IndexName(i - from), [&](Writer& update) {
          update.document("q", [&](Writer& query) { write_letter_id(query, "_id", open[i].key()); });
          update.document("u", [&](Writer& letter) { write_open_dead_letter(letter, open[i]); });
          update.boolean("upsert", true);
        });
      }
    });
  };
  const auto forget = [&](Writer& out, std::size_t from) {
    out.text("delete", collection::dead_letters);
    out.array("deletes", [&](Writer& list) {
      for (std::size_t i = from; i < closed.size(); ++i) {
        list.document(IndexName(i - from), [&](Writer& one) {
          one.document("q", [&](Writer& query) { write_letter_id(query, "_id", closed[i].key()); });
          one.small_number("limit", 1);
        });
      }
    });
  };
  if (auto done = run_on_letters(open.size(), remember); !done) return done;
  return run_on_letters(closed.size(), forget);
}

// A letter that MongoDB never takes is left out, and the letters after it are written: its record is in the dead-letter
// topic all the same. Any other failure holds up the log: otherwise nobody would know that the letter is open.
base::Result<void> MongoStore::run_on_letters(std::size_t count,
                                              const std::function<void(Writer&, std::size_t)>& write) {
  if (count == 0) return {};
  auto client = pool_.take();
  if (!client) return client.error();
  for (std::size_t from = 0; from < count;) {
    const Document command([&](Writer& out) { write(out, from); });
    auto failures = run_write(*client, pool_, command.get(), options_.write_timeout, "keep dead letters");
    if (!failures) return failures.error();
    if (failures->empty()) return {};
    const WriteFailure& failure = failures->front();
    if (!failure.concerns_document()) return unavailable("keep dead letters", failure.text);
    options_.damage->left_out(collection::dead_letters, "MongoDB does not take the open letter: " + failure.text);
    from += failure.index + 1;
  }
  return {};
}

base::Result<WriteOutcome> MongoStore::write(const Admitted& message) {
  if (auto ready = schema_.ensure(); !ready) return not_yet(ready.error());
  auto epoch = epochs_.for_synchronous();
  if (!epoch) return not_yet(epoch.error());
  auto client = pool_.take();
  if (!client) return client.error();
  return SynchronousWrite(pool_, *client, options_, epoch->first_sequence()).store(message);
}

// Nodes may trim at the same time: each deletes what the other would.
base::Result<void> MongoStore::trim_canary(std::size_t rows_max) {
  if (auto ready = schema_.ensure(); !ready) return not_yet(ready.error());
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([](Writer& out) {
    out.text("conversationId", kCanaryConversation);
    out.document("sequence", [](Writer& range) { range.number("$gte", 1).number("$lte", kSequenceMax); });
  });
  const Document newest_first([](Writer& out) { out.small_number("conversationId", -1).small_number("sequence", -1); });
  std::int64_t newest_to_delete = 0;
  auto found = find(*client, pool_, collection::messages, filter.get(),
                    {.sort = newest_first.get(),
                     .limit = 1,
                     .skip = static_cast<std::int64_t>(rows_max),
                     .timeout = options_.read_timeout},
                    [&](Found row) -> base::Result<Next> {
                      newest_to_delete = Reader(row.document, collection::messages).number("sequence");
                      return Next::enough;
                    });
  if (!found || newest_to_delete == 0) return found;
  const Document command([&](Writer& out) {
    write_delete(out, collection::messages, [&](Writer& query) {
      query.text("conversationId", kCanaryConversation);
      query.document("sequence", [&](Writer& range) { range.number("$lte", newest_to_delete); });
    });
  });
  auto failures = run_write(*client, pool_, command.get(), options_.write_timeout, "trim the canary's messages");
  if (!failures) return failures.error();
  if (!failures->empty()) return unavailable("trim the canary's messages", failures->front().text);
  return {};
}

base::Result<void> MongoStore::revoke(const Revocation& revocation) {
  if (auto ready = schema_.ensure(); !ready) return not_yet(ready.error());
  auto client = pool_.take();
  if (!client) return client.error();
  const Document drop([](Writer& out) {
    write_delete(out, collection::revocations, [](Writer& query) {
      query.document("keptUntil", [](Writer& range) { range.date("$lt", base::wall_now()); });
    });
  });
  const Document keep([&](Writer& out) {
    out.text("update", collection::revocations);
    out.array("updates", [&](Writer& list) {
      list.document("0", [&](Writer& update) {
        update.document("q", [&](Writer& query) { query.text("_id", revocation.subject); });
        update.document("u", [&](Writer& change) {
          change.document("$max", [&](Writer& times) {
            times.date("issuedBefore", revocation.issued_before).date("keptUntil", revocation.kept_until);
          });
        });
        update.boolean("upsert", true);
      });
    });
  });
  for (const Document* command : {&drop, &keep}) {
    auto failures = run_write(*client, pool_, command->get(), options_.write_timeout, "keep a revocation");
    if (!failures) return failures.error();
    if (!failures->empty()) return unavailable("keep a revocation", failures->front().text);
  }
  return {};
}

base::Result<Conversation> MongoStore::create_conversation(const Conversation& conversation) {
  if (auto ready = schema_.ensure(); !ready) return not_yet(ready.error());
  auto client = pool_.take();
  if (!client) return client.error();
  const Document command([&](Writer& out) {
    out.text("insert", collection::conversations);
    out.array("documents",
              [&](Writer& list) { list.document("0", [&](Writer& item) { write_conversation(item, conversation); }); });
  });
  auto failures = run_write(*client, pool_, command.get(), options_.write_timeout, "store a conversation");
  if (!failures) return failures.error();
  if (failures->empty()) return conversation;
  const WriteFailure& failure = failures->front();
  if (failure.concerns_document()) {
    return base::Error{base::ErrorCode::invalid, "MongoDB refuses the conversation: " + failure.text};
  }
  if (failure.kind != WriteFailure::Kind::taken_id) return unavailable("store a conversation", failure.text);
  auto before = find_conversation(*client, pool_, options_, conversation.id);
  if (!before) return before.error();
  if (!*before) return unavailable("store a conversation", "its id is taken by one that cannot be read yet");
  if (!(*before)->same_content(conversation)) {
    return base::Error{base::ErrorCode::conflict, "a conversation with this id exists with other content"};
  }
  return std::move(**before);
}

}  // namespace message_service::mongodb
