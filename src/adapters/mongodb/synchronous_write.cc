#include "adapters/mongodb/synchronous_write.h"

#include <memory>
#include <thread>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/errors.h"
#include "adapters/mongodb/handles.h"
#include "adapters/mongodb/lookups.h"
#include "adapters/mongodb/participants.h"
#include "base/backoff.h"
#include "model/participation.h"

namespace message_service::mongodb {

namespace {

TransactionOptions transaction_options(std::chrono::milliseconds timeout) {
  const WriteConcern write(mongoc_write_concern_new());
  mongoc_write_concern_set_wmajority(write.get(), static_cast<std::int32_t>(timeout.count()));
  mongoc_write_concern_set_journal(write.get(), true);
  const ReadConcern read(mongoc_read_concern_new());
  mongoc_read_concern_set_level(read.get(), MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
  TransactionOptions options(mongoc_transaction_opts_new());
  mongoc_transaction_opts_set_write_concern(options.get(), write.get());
  mongoc_transaction_opts_set_read_concern(options.get(), read.get());
  return options;
}

}  // namespace

// One transaction. When it ends before the commit, the store has nothing of it.
struct SynchronousWrite::Attempt {
  Session session;
  bool again = false;  // the attempt failed for a reason that passes
  Outlook at_fault = Outlook::passing;
  bool duplicate = false;  // the key is taken: store() reads by which message

  ~Attempt() {
    if (session && mongoc_client_session_in_transaction(session.get())) {
      mongoc_client_session_abort_transaction(session.get(), nullptr);
    }
  }
  base::Error failed(const Pool& pool, std::string_view doing, const bson_error_t& error, const bson_t* reply) {
    again = mongoc_error_has_label(reply, "TransientTransactionError");
    at_fault =
        error.domain == MONGOC_ERROR_SERVER ? outlook_of(static_cast<std::int32_t>(error.code)) : Outlook::passing;
    return pool.failed(doing, error);
  }
  base::Result<void> run(const Pool& pool, mongoc_client_t* client, std::string_view doing, const Document& command,
                         Document& reply) {
    Document options;
    bson_error_t error{};
    mongoc_client_session_append(session.get(), options.get(), nullptr);
    if (!mongoc_client_write_command_with_opts(client, pool.database(), command.get(), options.get(), reply.for_reply(),
                                               &error)) {
      return failed(pool, doing, error, reply.get());
    }
    return {};
  }
};

base::Result<WriteOutcome> SynchronousWrite::store(const Admitted& message) {
  base::Backoff backoff(std::chrono::milliseconds(2), std::chrono::milliseconds(100));
  while (true) {
    // Outside of the transaction, so that a repetition costs a look-up and no transaction.
    auto before = find_message(client_, pool_, options_, message.message().id);
    if (!before) return before.error();
    if (*before) {
      if (!(*before)->message().repeats(message.message())) return base::Error{base::ErrorCode::conflict, kKeyTaken};
      return WriteOutcome{.stored = std::move(**before), .duplicate = true};
    }
    Attempt attempt;
    auto outcome = store_once(message, attempt);
    if (outcome || !(attempt.again || attempt.duplicate) || base::SteadyClock::now() > deadline_) return outcome;
    std::this_thread::sleep_for(backoff.next());
  }
}

base::Result<WriteOutcome> SynchronousWrite::store_once(const Admitted& message, Attempt& attempt) {
  bson_error_t error{};
  attempt.session.reset(mongoc_client_start_session(client_.get(), nullptr, &error));
  if (!attempt.session) return unavailable("begin a session", error);
  const auto options = transaction_options(options_.write_timeout);
  if (!mongoc_client_session_start_transaction(attempt.session.get(), options.get(), &error)) {
    return unavailable("begin a transaction", error);
  }
  auto sequence = next_sequence(message.message().conversation_id, attempt);
  if (!sequence) return sequence.error();
  Stored stored(message, *sequence, base::wall_now());
  if (auto judged = judge(stored, attempt); !judged) return judged.error();
  if (auto inserted = insert(stored, attempt); !inserted) return inserted.error();
  if (auto committed = commit(attempt); !committed) return committed.error();
  return WriteOutcome{.stored = std::move(stored)};
}

base::Error SynchronousWrite::not_countable(const std::string& conversation_id) {
  return {base::ErrorCode::corrupt, "MongoDB holds a damaged document, \"" + conversation_id + "\" in " +
                                        std::string(collection::sequences) + ": field last is not a 64-bit number"};
}

// MongoDB detects two writers that count in one conversation at once: one of them begins again.
base::Result<std::uint64_t> SynchronousWrite::next_sequence(const std::string& conversation_id, Attempt& attempt) {
  const Document command([&](Writer& out) {
    out.text("findAndModify", collection::sequences);
    out.document("query", [&](Writer& query) { query.text("_id", conversation_id); });
    out.array("update", [&](Writer& stages) {
      stages.document("0", [&](Writer& stage) {
        stage.document("$set", [&](Writer& set) {
          set.document("last", [&](Writer& last) {
            last.array("$max", [&](Writer& either) {
              either.number("0", static_cast<std::int64_t>(first_sequence_));
              either.document("1", [](Writer& next) {
                next.array("$add", [](Writer& sum) { sum.text("0", "$last").number("1", 1); });
              });
            });
          });
        });
      });
    });
    out.boolean("upsert", true).boolean("new", true);
  });
  Document reply;
  if (auto done = attempt.run(pool_, client_.get(), "count a message", command, reply); !done) {
    return attempt.at_fault == Outlook::document ? not_countable(conversation_id) : done.error();
  }
  bson_iter_t at;
  bson_iter_t value;
  if (!bson_iter_init(&at, reply.get()) || !bson_iter_find_descendant(&at, "value.last", &value) ||
      !BSON_ITER_HOLDS_INT64(&value)) {
    return not_countable(conversation_id);
  }
  return static_cast<std::uint64_t>(bson_iter_int64(&value));
}

// Within the transaction, which no other write to the conversation can pass since next_sequence().
base::Result<void> SynchronousWrite::judge(const Stored& entry, Attempt& attempt) {
  const Message& message = entry.message();
  if (message.by_back_end) return {};
  const auto changes = find_changes(client_, pool_, options_, {message.conversation_id}, attempt.session.get());
  if (!changes) return changes.error();
  if (changes->empty() && !message.change) return {};
  std::vector<Participant> made_with;
  if (message.change) {
    auto conversation = find_conversation(client_, pool_, options_, message.conversation_id);
    if (!conversation) return conversation.error();
    if (*conversation) made_with = std::move((*conversation)->participants);
  }
  const auto found = changes->find(message.conversation_id);
  const auto sender = standing_before(entry.sequence(), message.sender_id,
                                      found == changes->end() ? std::vector<ChangeEntry>() : found->second, made_with);
  if (auto text = objection_to(message, sender)) return base::Error{base::ErrorCode::forbidden, std::move(*text)};
  return {};
}

base::Result<void> SynchronousWrite::insert(const Stored& stored, Attempt& attempt) {
  const Document command([&](Writer& out) {
    out.text("insert", collection::messages);
    out.array("documents", [&](Writer& list) {
      list.document(
          "0", [&](Writer& item) { write_message(item, stored.message(), stored.sequence(), stored.persisted_at()); });
    });
  });
  Document reply;
  if (auto done = attempt.run(pool_, client_.get(), "store a message", command, reply); !done) return done.error();
  const WriteFailures failures = failures_in(reply.get());
  if (failures.empty()) return {};
  attempt.duplicate = failures.front().kind == WriteFailure::Kind::taken_id;
  if (failures.front().concerns_document()) {
    return base::Error{base::ErrorCode::invalid, "MongoDB refuses the message: " + failures.front().text};
  }
  return unavailable("store a message", failures.front().text);
}

// A commit may be sent any number of times, and must be: a commit that the server has not received leaves the
// transaction open, and the conversation closed to others, for a minute.
base::Result<void> SynchronousWrite::commit(Attempt& attempt) {
  base::Backoff backoff(std::chrono::milliseconds(10), std::chrono::milliseconds(500));
  while (true) {
    Document reply;
    bson_error_t error{};
    if (mongoc_client_session_commit_transaction(attempt.session.get(), reply.for_reply(), &error)) return {};
    attempt.again = mongoc_error_has_label(reply.get(), "TransientTransactionError");
    if (attempt.again) return unavailable("store a message", error);
    if (base::SteadyClock::now() > deadline_) {
      return base::Error{base::ErrorCode::unknown,
                         std::string("MongoDB did not say whether the message is stored: ") + error.message};
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

}  // namespace message_service::mongodb
