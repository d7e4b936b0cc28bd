#include "adapters/mongodb/store_reader.h"

#include <algorithm>
#include <limits>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/lookups.h"
#include "adapters/mongodb/participants.h"
#include "adapters/mongodb/readable.h"
#include "model/participation.h"
#include "wire/message_json.h"

namespace message_service::mongodb {

namespace {

// A page ends early with so many bytes: a person who edits documents may make each as large as MongoDB takes it.
constexpr std::size_t kPageBytesMax = std::size_t{16} << 20;

StoredRow row_of(const Stored& stored) {
  return {.sequence = stored.sequence(), .json = wire::stored_json(stored), .change = stored.message().change};
}

base::Result<StoredRow> read_row(Found found) {
  auto stored = read_message(found.document);
  if (!stored) return stored.error();
  return row_of(*stored);
}

std::int64_t bounded(std::uint64_t sequence) {
  return static_cast<std::int64_t>(std::min(sequence, static_cast<std::uint64_t>(kSequenceMax)));
}

// The index answers both directions: its keys are these two fields. Bounds on both sides leave out other types.
void write_filter(Writer& out, const std::string& conversation_id, const PageQuery& query) {
  out.text("conversationId", conversation_id);
  if (!query.changes) out.document("participantChange", [](Writer& test) { test.boolean("$exists", false); });
  out.document("sequence", [&](Writer& range) {
    if (query.after) {
      range.number("$gt", bounded(*query.after)).number("$lte", kSequenceMax);
    } else if (query.before) {
      range.number("$gte", 1).number("$lt", bounded(*query.before));
    } else {
      range.number("$gte", 1).number("$lte", kSequenceMax);
    }
  });
}

void write_sort(Writer& out, int direction) {
  out.small_number("conversationId", direction).small_number("sequence", direction);
}

// Two rows with one sequence: a reader could not distinguish them, nor page between them.
void leave_out_doubles(Page& page, Damage& damage) {
  for (std::size_t i = 1; i < page.rows.size(); ++i) {
    if (page.rows[i].sequence != page.rows[i - 1].sequence) continue;
    const std::string id = page.rows[i].json.substr(std::string_view(R"({"id":")").size(), 24);
    damage.left_out(collection::messages, "MongoDB holds two messages with one sequence, and one of them is " + id +
                                              " in messages: field sequence is " +
                                              std::to_string(page.rows[i].sequence));
    page.rows.erase(page.rows.begin() + static_cast<std::ptrdiff_t>(i--));
  }
}

}  // namespace

base::Result<std::optional<Conversation>> MongoStoreReader::find_conversation(const std::string& id) {
  auto client = pool_.take();
  if (!client) return client.error();
  return mongodb::find_conversation(*client, pool_, options_, id);
}

base::Result<std::optional<Standings>> MongoStoreReader::participants(const std::string& conversation_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  const auto made = mongodb::find_conversation(*client, pool_, options_, conversation_id);
  if (!made) return made.error();
  if (!*made) return std::optional<Standings>();
  const auto changes = find_changes(*client, pool_, options_, {conversation_id});
  if (!changes) return changes.error();
  Standings standings((*made)->participants);
  for (const auto& [id, entries] : *changes) {
    for (const ChangeEntry& entry : entries) {
      const Standing* before = standings.find(entry.change.participant.id);
      standings.put(standing_after(entry.change, before ? std::optional(*before) : std::nullopt, entry.sequence));
      standings.last_change = entry.sequence;
    }
  }
  return std::optional(std::move(standings));
}

base::Result<std::uint64_t> MongoStoreReader::last_participant_change(const std::string& conversation_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  return last_change(*client, pool_, options_, conversation_id);
}

base::Result<std::vector<Revocation>> MongoStoreReader::revocations() {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter(
      [](Writer& out) { out.document("keptUntil", [](Writer& range) { range.date("$gte", base::wall_now()); }); });
  std::vector<Revocation> all;
  auto found = find(*client, pool_, collection::revocations, filter.get(), {.timeout = options_.read_timeout},
                    [&](Found row) -> base::Result<Next> {
                      Reader reader(row.document, collection::revocations);
                      Revocation one{.subject = reader.text("_id"),
                                     .issued_before = reader.date("issuedBefore"),
                                     .kept_until = reader.date("keptUntil")};
                      if (!reader.ok()) return reader.error();
                      all.push_back(std::move(one));
                      return Next::more;
                    });
  if (!found) return found.error();
  return all;
}

base::Result<std::uint64_t> MongoStoreReader::last_sequence(const std::string& conversation_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) { write_filter(out, conversation_id, {.changes = true}); });
  const Document sort([](Writer& out) { write_sort(out, -1); });
  // Reads the whole document, because an unreadable one must not count as the end of the conversation: clients would
  // wait for the messages above it.
  auto last = Readable<std::uint64_t>(*client, pool_, *options_.damage)
                  .find({.collection = collection::messages,
                         .filter = filter.get(),
                         .sort = sort.get(),
                         .timeout = options_.read_timeout},
                        [](Found found) -> base::Result<std::uint64_t> {
                          auto stored = read_message(found.document);
                          if (!stored) return stored.error();
                          return stored->sequence();
                        });
  if (!last) return last.error();
  return last->empty() ? 0 : last->front();
}

base::Result<Page> MongoStoreReader::page(const std::string& conversation_id, const PageQuery& query) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) { write_filter(out, conversation_id, query); });
  const Document sort([&](Writer& out) { write_sort(out, query.after ? 1 : -1); });
  // One row more than asked for shows whether there are more.
  std::size_t bytes = 0;
  const auto full = [&](const std::vector<StoredRow>& rows) {
    bytes = rows.size() == 1 ? rows.back().json.size() : bytes + rows.back().json.size();
    return bytes > kPageBytesMax && rows.size() > 1;
  };
  auto rows = Readable<StoredRow>(*client, pool_, *options_.damage)
                  .find({.collection = collection::messages,
                         .filter = filter.get(),
                         .sort = sort.get(),
                         .limit = query.limit + 1,
                         .timeout = options_.read_timeout},
                        read_row, full);
  if (!rows) return rows.error();
  Page page;
  page.has_more = rows->size() > query.limit || (bytes > kPageBytesMax && rows->size() > 1);
  if (page.has_more) rows->pop_back();
  page.rows = std::move(*rows);
  if (!query.after) std::ranges::reverse(page.rows);
  leave_out_doubles(page, *options_.damage);
  return page;
}

base::Result<std::optional<StoredRow>> MongoStoreReader::find_message(const std::string& conversation_id,
                                                                      const ObjectIdBytes& id) {
  auto client = pool_.take();
  if (!client) return client.error();
  auto stored = mongodb::find_message(*client, pool_, options_, id);
  if (!stored) return stored.error();
  if (!*stored || (*stored)->message().conversation_id != conversation_id) return std::optional<StoredRow>();
  return std::optional(row_of(**stored));
}

base::Result<StoreReader::KeyLookup> MongoStoreReader::find_by_temporary_id(const std::string& conversation_id,
                                                                            const std::string& temporary_message_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  const auto ours = [&](const auto& found) {
    return found.conversation_id == conversation_id && found.temporary_message_id == temporary_message_id;
  };
  auto stored = mongodb::find_message(*client, pool_, options_, id);
  if (!stored) return stored.error();
  if (*stored && ours((*stored)->message())) return KeyLookup(row_of(**stored));
  auto rejection = find_rejection(*client, pool_, options_, id);
  if (!rejection) return rejection.error();
  if (*rejection && ours(**rejection)) return KeyLookup(RejectedKey{(*rejection)->reason});
  return KeyLookup();
}

base::Result<std::vector<OpenDeadLetter>> MongoStoreReader::open_dead_letters(const OpenDeadLetterQuery& query) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) {
    if (!query.conversation_id && !query.after) return;
    out.document("_id", [&](Writer& range) {
      const DeadLetterKey before_all{query.conversation_id.value_or(""), {.partition = -1, .offset = 0}};
      write_letter_id(range, "$gt", query.after.value_or(before_all));
      if (!query.conversation_id) return;
      constexpr std::int32_t kPartitionMax = std::numeric_limits<std::int32_t>::max();
      write_letter_id(range, "$lt", {*query.conversation_id, {.partition = kPartitionMax, .offset = 0}});
    });
  });
  const Document sort([](Writer& out) { out.small_number("_id", 1); });
  return Readable<OpenDeadLetter>(*client, pool_, *options_.damage)
      .find({.collection = collection::dead_letters,
             .filter = filter.get(),
             .sort = sort.get(),
             .limit = query.limit,
             .timeout = options_.read_timeout},
            [](Found found) { return read_open_dead_letter(found.document); });
}

}  // namespace message_service::mongodb
