#include "adapters/mongodb/row_writer.h"

#include <algorithm>
#include <map>

#include "adapters/mongodb/documents.h"

namespace message_service::mongodb {

namespace {

// A command is one document of at most 16 MiB. Smaller commands keep the data that is in memory twice small; a single
// message may fill a command alone.
constexpr std::size_t kCommandBytes = std::size_t{4} << 20;
constexpr std::size_t kMessageBytesMax = std::size_t{15} << 20;

std::size_t text_bytes(const Message& message) {
  return message.conversation_id.size() + message.temporary_message_id.size() + message.sender_id.size() +
         message.sender_type.size() + message.content.size() + message.correlation_id().size() +
         message.traceparent.size();
}

}  // namespace

base::Result<void> RowWriter::store(Places items) {
  auto client = pool_.take();
  if (!client) return client.error();
  std::size_t at = 0;
  while (at < items.size()) {
    auto inserted = insert(*client, items, at);
    if (!inserted) return inserted.error();
    const bool failed = !inserted->failures.empty();
    const std::size_t end = at + (failed ? inserted->failures.front().index : inserted->tried);
    for (; at < end; ++at) stored(items[at]);
    if (!failed) continue;

    WriteFailure& failure = inserted->failures.front();
    const bool waits = failure.kind == WriteFailure::Kind::strange && !call_.patience.ends(call_.message(items[at]).id);
    if (waits || failure.kind == WriteFailure::Kind::setup || failure.kind == WriteFailure::Kind::later) {
      return unavailable("store a message", failure.text);
    }
    if (failure.concerns_document()) {
      call_.outcomes[items[at]] = {.kind = StoreOutcome::Kind::refused, .error = std::move(failure.text)};
      if (call_.order == DeadLetterOrder::park) park_behind(items[at], items);
      ++at;
      continue;
    }
    // This message was stored before, so perhaps all that follow were, too: one look-up instead of an insert for each.
    Places rest(items.begin() + static_cast<std::ptrdiff_t>(at), items.end());
    auto unknown = settle_known(*client, rest);
    if (!unknown) return unknown.error();
    if (!unknown->empty() && unknown->front() == items[at]) {
      return unavailable("store a message", "its id is taken by a document that cannot be read yet");
    }
    items = std::move(*unknown);
    at = 0;
  }
  return {};
}

// Inserts as many items from `from` on as fit into one command.
base::Result<RowWriter::Inserted> RowWriter::insert(const Pool::Client& client, const Places& items, std::size_t from) {
  Inserted inserted;
  const Document command([&](Writer& out) {
    out.text("insert", collection::messages);
    out.array("documents", [&](Writer& list) {
      std::size_t bytes = 0;
      while (from + inserted.tried < items.size()) {
        const std::size_t item = items[from + inserted.tried];
        bytes += text_bytes(call_.message(item)) + 512;
        if (inserted.tried > 0 && bytes > kCommandBytes) return;
        list.document(IndexName(inserted.tried), [&](Writer& document) {
          write_message(document, call_.message(item), call_.sequences[item], call_.persisted_at);
        });
        ++inserted.tried;
      }
    });
  });
  if (text_bytes(call_.message(items[from])) > kMessageBytesMax) {
    inserted.failures.push_back({.kind = WriteFailure::Kind::refused, .text = "it is larger than a MongoDB document"});
    return inserted;
  }
  auto failures = run_write(client, pool_, command.get(), options_.write_timeout, "store messages");
  if (!failures) return failures.error();
  inserted.failures = std::move(*failures);
  return inserted;
}

void RowWriter::stored(std::size_t item) {
  call_.outcomes[item] = {.kind = StoreOutcome::Kind::stored,
                          .stored = Stored(call_.items[item].message, call_.sequences[item], call_.persisted_at)};
}

// Removes the items that follow the refused one in its conversation.
void RowWriter::park_behind(std::size_t refused, Places& items) {
  std::erase_if(items, [&](std::size_t item) {
    const bool behind = item > refused && call_.message(item).conversation_id == call_.message(refused).conversation_id;
    if (behind) call_.outcomes[item] = {.kind = StoreOutcome::Kind::parked};
    return behind;
  });
}

// Nobody knows whether the unreadable message there is the same one. A new row would take its place.
StoreOutcome RowWriter::unreadable(const base::Error& error) const {
  options_.damage->left_out(collection::messages, error.text);
  return {.kind = StoreOutcome::Kind::refused, .error = "its id is taken: " + error.text};
}

StoreOutcome RowWriter::outcome_of(std::size_t item, const Stored& before) const {
  const Message& message = call_.message(item);
  if (!before.message().repeats(message)) return {.kind = StoreOutcome::Kind::conflict};
  const auto stored_from = [&](Position place) { return call_.made_by.could_be(place, before.sequence()); };
  const Batch::Item& read = call_.items[item];
  if (stored_from(read.message.position()) || (read.moved_from && stored_from(*read.moved_from))) {
    return {.kind = StoreOutcome::Kind::stored_again, .stored = before};
  }
  return {.kind = StoreOutcome::Kind::duplicate};
}

base::Result<RowWriter::Places> RowWriter::settle_known(const Pool::Client& client, const Places& items) {
  const Document filter([&](Writer& out) {
    out.document("_id", [&](Writer& ids) {
      ids.array("$in", [&](Writer& list) {
        for (std::size_t i = 0; i < items.size(); ++i) list.object_id(IndexName(i), call_.message(items[i]).id);
      });
    });
  });
  std::map<ObjectIdBytes, base::Result<Stored>> known;
  auto found =
      find(client, pool_, collection::messages, filter.get(), {.timeout = options_.read_timeout},
           [&](Found row) -> base::Result<Next> {
             known.emplace(Reader(row.document, collection::messages).object_id("_id"), read_message(row.document));
             return Next::more;
           });
  if (!found) return found.error();

  Places unknown;
  for (const std::size_t item : items) {
    const auto before = known.find(call_.message(item).id);
    if (before == known.end()) {
      unknown.push_back(item);
    } else {
      call_.outcomes[item] = before->second ? outcome_of(item, *before->second) : unreadable(before->second.error());
    }
  }
  return unknown;
}

}  // namespace message_service::mongodb
